// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/memory_file.hpp"

namespace kos::libos {

namespace {

using Section = FileSystem::Section;

/// What a user who is not root loses by writing to a file: what runs it as another user.
constexpr std::uint32_t set_user = 04000, set_group = 02000, group_execute = 0010;

}  // namespace

Outcome<Word> MemoryFile::read(MutableBytes bytes) {
    const Section section(files_);
    const Word taken = files_.memory().read(node_, bytes, position_);
    position_ += taken;
    return taken;
}

Outcome<Word> MemoryFile::read_at(MutableBytes bytes, Word offset) {
    const Section section(files_);
    return files_.memory().read(node_, bytes, offset);
}

/// Moves `offset` behind what was written.
Outcome<Word> MemoryFile::write_unlocked(Bytes bytes, Word& offset) {
    MemoryFiles& memory = files_.memory();
    if ((flags() & abi::open_flag::append) != 0) offset = memory.size(node_);
    const Word written = KOS_TRY(memory.write(node_, bytes, offset));
    offset += written;
    const std::uint32_t mode = files_.tree()[node_].metadata.mode & abi::mode::permissions;
    const std::uint32_t lost = set_user | ((mode & group_execute) != 0 ? set_group : 0);
    if (files_.credentials().user != 0 && (mode & lost) != 0) memory.set_mode(node_, mode & ~lost);
    return written;
}

Outcome<Word> MemoryFile::write(Bytes bytes) {
    const Section section(files_);
    return write_unlocked(bytes, position_);
}

Outcome<Word> MemoryFile::write_at(Bytes bytes, Word offset) {
    const Section section(files_);
    return write_unlocked(bytes, offset);
}

Outcome<Word> MemoryFile::seek(std::int64_t offset, abi::Whence whence) {
    const Section section(files_);
    const MemoryFiles& memory = files_.memory();
    std::int64_t base = 0;
    if (whence == abi::Whence::Data || whence == abi::Whence::Hole) {
        if (offset < 0) return Err{Errno::Enxio};
        position_ = KOS_TRY(memory.seek(node_, static_cast<Word>(offset), whence));
        return position_;
    }
    if (whence == abi::Whence::Current) base = static_cast<std::int64_t>(position_);
    if (whence == abi::Whence::End) base = static_cast<std::int64_t>(memory.size(node_));
    std::int64_t position = 0;
    if (__builtin_add_overflow(base, offset, &position)) return Err{Errno::Eoverflow};
    if (position < 0) return Err{Errno::Einval};
    position_ = static_cast<Word>(position);
    return position_;
}

}  // namespace kos::libos
