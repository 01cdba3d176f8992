// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/tree_files.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos {

Outcome<Word> RegularFile::read_at(MutableBytes bytes, Word offset) {
    const Bytes all = data();
    if (offset >= all.size()) return Word{0};
    const std::size_t size = std::min<std::size_t>(bytes.size(), all.size() - offset);
    std::memcpy(bytes.data(), all.data() + offset, size);
    return Word{size};
}

Outcome<Word> RegularFile::read(MutableBytes bytes) {
    const Locked locked(lock_);
    const Word taken = KOS_TRY(read_at(bytes, position_));
    position_ += taken;
    return taken;
}

/// What `offset` counts from. A file has no holes, so data starts where one looks for it.
Outcome<std::int64_t> RegularFile::base_of(abi::Whence whence, std::int64_t offset) const {
    const auto size = static_cast<std::int64_t>(data().size());
    switch (whence) {
        case abi::Whence::Set:
            return std::int64_t{0};
        case abi::Whence::Current:
            return static_cast<std::int64_t>(position_);
        case abi::Whence::End:
            return size;
        case abi::Whence::Data:
        case abi::Whence::Hole:
            if (offset < 0 || offset >= size) return Err{Errno::Enxio};
            return whence == abi::Whence::Data ? 0 : size - offset;
    }
    return Err{Errno::Einval};
}

Outcome<Word> RegularFile::seek(std::int64_t offset, abi::Whence whence) {
    const Locked locked(lock_);
    const std::int64_t base = KOS_TRY(base_of(whence, offset));
    std::int64_t position = 0;
    if (__builtin_add_overflow(base, offset, &position)) return Err{Errno::Eoverflow};
    if (position < 0) return Err{Errno::Einval};
    position_ = static_cast<Word>(position);
    return position_;
}

namespace {

std::uint8_t entry_type(std::uint32_t mode) { return static_cast<std::uint8_t>(mode >> 12 & 0xf); }

}  // namespace

/// The position of the first listed node from `child` on.
Word Directory::position_of(NodeId child) const {
    const Tree& tree = files_.tree();
    if (tree[node_].in_memory()) {
        return child == no_node ? end_position : files_.memory().sequence_of(child) + 2;
    }
    while (!(child == no_node) && tree[child].origin != NodeOrigin::Image) {
        child = tree[child].next_sibling;
    }
    return child == no_node ? end_position : Word{child.value} + 2;
}

std::optional<Directory::Listed> Directory::entry_at(Word position) const {
    const Tree& tree = files_.tree();
    const Node& directory = tree[node_];
    if (position == 0) return Listed{".", node_, 1};
    if (position == 1) return Listed{"..", directory.parent, position_of(directory.first_child)};
    NodeId child{static_cast<std::uint32_t>(position - 2)};
    if (directory.in_memory()) {
        child = files_.memory().listed_from(node_, position - 2);
        if (child == no_node) return std::nullopt;
    } else if (position - 2 >= tree.size()) {
        return std::nullopt;
    }
    return Listed{tree[child].name, child, position_of(tree[child].next_sibling)};
}

Outcome<Word> Directory::list(MutableBytes entries) {
    const FileSystem::Section section(files_);
    if (files_.tree()[node_].is_removed()) return Err{Errno::Enoent};
    std::size_t used = 0;
    while (const auto entry = entry_at(position_)) {
        const auto length = align_down<std::size_t>(
            abi::DirectoryEntry::name_offset + entry->name.size() + 1 + 7, 8);
        if (entries.size() - used < length) {
            if (used == 0) return Err{Errno::Einval};
            break;
        }
        abi::Stat stat{};
        files_.describe(entry->node, stat);
        const abi::DirectoryEntry head{stat.inode, static_cast<std::int64_t>(entry->next),
                                       static_cast<std::uint16_t>(length), entry_type(stat.mode)};
        std::byte* const out = entries.data() + used;
        std::memset(out, 0, length);
        std::memcpy(out, &head, abi::DirectoryEntry::name_offset);
        std::memcpy(out + abi::DirectoryEntry::name_offset, entry->name.data(), entry->name.size());
        used += length;
        position_ = entry->next;
    }
    return Word{used};
}

Outcome<Word> Directory::seek(std::int64_t offset, abi::Whence whence) {
    const FileSystem::Section section(files_);
    if (whence == abi::Whence::Set && offset >= 0) {
        position_ = static_cast<Word>(offset);
    } else if (whence != abi::Whence::Current || offset != 0) {
        return Err{Errno::Einval};
    }
    return position_;
}

}  // namespace kos::libos
