// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is in files in memory, and how they are described.
#include "libos/core/line.hpp"
#include "libos/core/manager.hpp"
#include "libos/files/memory_files.hpp"
#include "libos/files/resolve.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos {

namespace {

std::uint32_t page_of(std::uint64_t offset) {
    return static_cast<std::uint32_t>(offset / page_size);
}
/// Bytes from `offset` to the end of its page, at most `size`.
std::size_t within_page(std::uint64_t offset, std::uint64_t size) {
    return std::min<std::uint64_t>(size, page_size - offset % page_size);
}

}  // namespace

/// The page, made where there is a hole. nullptr: the file system or the app's memory is full.
std::byte* MemoryFiles::page_for(NodeId id, std::uint32_t index) {
    if (std::byte* const page = pages_.find(number_of(id), index)) return page;
    File& file = file_of(id);
    Mount& mount = mounts_[file.mount];
    std::byte* const page = mount.used < mount.limit ? pages_.make(number_of(id), index) : nullptr;
    if (page != nullptr) {
        ++mount.used;
        ++file.pages;
    } else if (!mount.was_full) {
        mount.was_full = true;
        std::array<char, 96> storage;
        const auto path = path_of(tree_, mount.root, storage);
        Line line;
        line.text("the tmpfs ").text(path ? *path : tree_[mount.root].name).text(" is full: ");
        line.number(std::uint64_t{mount.limit} * page_size / 1024).text(" KiB");
        manager::log(line.view());
    }
    return page;
}

Word MemoryFiles::read(NodeId id, MutableBytes bytes, std::uint64_t offset) const {
    const std::uint64_t size = file_of(id).size;
    if (offset >= size) return 0;
    const std::uint64_t count = std::min<std::uint64_t>(bytes.size(), size - offset);
    for (std::uint64_t done = 0; done < count;) {
        const std::uint64_t from = offset + done;
        const std::size_t part = within_page(from, count - done);
        const std::byte* const page = pages_.find(number_of(id), page_of(from));
        std::byte* const to = bytes.data() + done;
        if (page == nullptr) {
            std::memset(to, 0, part);
        } else {
            std::memcpy(to, page + from % page_size, part);
        }
        done += part;
    }
    return count;
}

Outcome<Word> MemoryFiles::write(NodeId id, Bytes bytes, std::uint64_t offset) {
    if (bytes.empty()) return Word{0};
    if (offset >= most_bytes) return Err{Errno::Efbig};
    const std::uint64_t count = std::min<std::uint64_t>(bytes.size(), most_bytes - offset);
    std::uint64_t done = 0;
    while (done < count) {
        const std::uint64_t to = offset + done;
        std::byte* const page = page_for(id, page_of(to));
        if (page == nullptr) break;
        const std::size_t part = within_page(to, count - done);
        std::memcpy(page + to % page_size, bytes.data() + done, part);
        done += part;
    }
    if (done == 0) return Err{Errno::Enospc};
    File& file = file_of(id);
    file.size = std::max(file.size, offset + done);
    touch(id);
    return Word{done};
}

/// Frees the pages from `first` on.
void MemoryFiles::drop_pages(NodeId id, std::uint64_t first) {
    File& file = file_of(id);
    if (file.pages == 0) return;
    const std::uint64_t end = pages_for(file.has_more ? most_bytes : file.size);
    const auto gone = static_cast<std::uint32_t>(pages_.drop(number_of(id), first, end));
    file.pages -= gone;
    mounts_[file.mount].used -= gone;
}

Outcome<void> MemoryFiles::resize(NodeId id, std::uint64_t size) {
    if (size > most_bytes) return Err{Errno::Efbig};
    File& file = file_of(id);
    if (size < file.size) {
        drop_pages(id, pages_for(size));
        // What the file may grow over again reads as zeros.
        std::byte* const last = pages_.find(number_of(id), page_of(size));
        const std::uint64_t kept = size % page_size;
        if (kept != 0 && last != nullptr) std::memset(last + kept, 0, page_size - kept);
    }
    file.size = size;
    touch(id);
    return {};
}

Outcome<void> MemoryFiles::allocate(NodeId id, std::uint64_t offset, std::uint64_t size,
                                    bool keep_size) {
    if (offset > most_bytes || size > most_bytes - offset) return Err{Errno::Efbig};
    const std::uint64_t first = offset / page_size;
    const std::uint64_t end = pages_for(offset + size);
    const Mount& mount = mounts_[file_of(id).mount];
    // More than there can be is refused before anything is made.
    if (end - first > mount.limit) return Err{Errno::Enospc};
    for (std::uint64_t index = first; index < end; ++index) {
        if (page_for(id, static_cast<std::uint32_t>(index)) == nullptr) return Err{Errno::Enospc};
    }
    File& file = file_of(id);
    if (!keep_size) file.size = std::max(file.size, offset + size);
    if (offset + size > file.size) file.has_more = true;
    file.changed = now();
    if (!keep_size) file.modified = file.changed;
    return {};
}

Outcome<std::uint64_t> MemoryFiles::seek(NodeId id, std::uint64_t offset,
                                         abi::Whence whence) const {
    const std::uint64_t size = file_of(id).size;
    if (offset >= size) return Err{Errno::Enxio};
    const std::uint64_t end = pages_for(size);
    std::uint64_t index = offset / page_size;
    if (whence == abi::Whence::Data) {
        const auto data = pages_.next(number_of(id), index, end);
        if (!data) return Err{Errno::Enxio};
        return std::max(offset, *data * page_size);
    }
    while (index < end &&
           pages_.find(number_of(id), static_cast<std::uint32_t>(index)) != nullptr) {
        ++index;
    }
    return std::min(size, std::max(offset, index * page_size));
}

Outcome<void> MemoryFiles::set_target(NodeId link, std::string_view target) {
    std::byte* const page = page_for(link, 0);
    if (page == nullptr) return Err{Errno::Enospc};
    std::memcpy(page, target.data(), target.size());
    tree_.change(link).data = {page, target.size()};
    file_of(link).size = target.size();
    return {};
}

void MemoryFiles::describe(NodeId id, abi::Stat& stat) const {
    const File& file = file_of(id);
    constexpr std::uint64_t first_device = 2;  // behind the image's
    stat.device = first_device + file.mount;
    stat.inode = number_of(id) + 1;
    stat.links = tree_[id].is_directory() && file.names != 0 ? tree_.link_count(id) : file.names;
    stat.size = static_cast<std::int64_t>(file.size);
    stat.blocks = static_cast<std::int64_t>(file.pages * (page_size / 512));
    stat.accessed = file.accessed;
    stat.modified = file.modified;
    stat.changed = file.changed;
}

void MemoryFiles::describe_mount(std::uint16_t number, abi::StatFs& result) const {
    const Mount& mount = mounts_[number];
    result.type = native::memory_files::mark;
    result.blocks = mount.limit;
    result.blocks_free = result.blocks_available = mount.limit - mount.used;
    result.files = names_.size();
    for (const Name& name : names_) {
        const NodeId id = tree_.memory_node(static_cast<std::size_t>(&name - names_.data()));
        if (!has_name_slot(id)) ++result.files_free;
    }
}

}  // namespace kos::libos
