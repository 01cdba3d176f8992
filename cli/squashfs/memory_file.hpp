// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A file of libsquashfs that is bytes in memory, so that an image becomes a blob without a detour
// through the host's file system.
#pragma once

#include <cstddef>
#include <sqfs/io.h>
#include <vector>

namespace kos::squashfs {

class MemoryFile {
   public:
    MemoryFile();
    explicit MemoryFile(std::vector<std::byte> content);
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    MemoryFile(MemoryFile&&) = delete;
    MemoryFile& operator=(MemoryFile&&) = delete;
    ~MemoryFile() = default;

    /// For libsquashfs; valid as long as this.
    [[nodiscard]] sqfs_file_t* handle() { return &file_.functions; }
    [[nodiscard]] std::size_t size() const { return file_.content.size(); }
    [[nodiscard]] std::vector<std::byte> take() && { return std::move(file_.content); }

   private:
    /// What libsquashfs holds a pointer to: its functions first, as it casts between the two.
    struct File {
        sqfs_file_t functions{};
        std::vector<std::byte> content;
    };
    static File& of(sqfs_file_t* file);
    static int read_at(sqfs_file_t* file, sqfs_u64 offset, void* buffer, std::size_t size);
    static int write_at(sqfs_file_t* file, sqfs_u64 offset, const void* buffer, std::size_t size);
    static sqfs_u64 get_size(const sqfs_file_t* file);
    static int truncate(sqfs_file_t* file, sqfs_u64 size);

    File file_;
};

}  // namespace kos::squashfs
