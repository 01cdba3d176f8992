// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/memory_file.hpp"

#include "lib/base/checked.hpp"

#include <cstring>
#include <exception>
#include <sqfs/error.h>
#include <utility>

namespace kos::squashfs {
namespace {

/// No exception passes through libsquashfs, which is C.
int resize(std::vector<std::byte>& content, std::uint64_t size) {
    try {
        content.resize(size);
    } catch (const std::exception&) {
        return SQFS_ERROR_ALLOC;
    }
    return 0;
}

}  // namespace

MemoryFile::MemoryFile() : MemoryFile(std::vector<std::byte>{}) {}

MemoryFile::MemoryFile(std::vector<std::byte> content) {
    file_.functions.base.destroy = [](sqfs_object_t*) {};  // owned here
    file_.functions.read_at = read_at;
    file_.functions.write_at = write_at;
    file_.functions.get_size = get_size;
    file_.functions.truncate = truncate;
    file_.content = std::move(content);
}

MemoryFile::File& MemoryFile::of(sqfs_file_t* file) { return *reinterpret_cast<File*>(file); }

int MemoryFile::read_at(sqfs_file_t* file, sqfs_u64 offset, void* buffer, std::size_t size) {
    const auto& content = of(file).content;
    if (offset > content.size() || size > content.size() - offset) return SQFS_ERROR_OUT_OF_BOUNDS;
    if (size != 0) std::memcpy(buffer, content.data() + offset, size);
    return 0;
}

int MemoryFile::write_at(sqfs_file_t* file, sqfs_u64 offset, const void* buffer, std::size_t size) {
    auto& content = of(file).content;
    if (size == 0) return 0;
    const auto end = checked_add<std::uint64_t>(offset, size);
    if (!end) return SQFS_ERROR_OVERFLOW;
    if (*end > content.size()) {
        if (const int result = resize(content, *end); result != 0) return result;
    }
    std::memcpy(content.data() + offset, buffer, size);
    return 0;
}

sqfs_u64 MemoryFile::get_size(const sqfs_file_t* file) {
    return reinterpret_cast<const File*>(file)->content.size();
}

int MemoryFile::truncate(sqfs_file_t* file, sqfs_u64 size) {
    return resize(of(file).content, size);
}

}  // namespace kos::squashfs
