// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Writes a cpio archive (newc). Hosted. The same calls give the same bytes: inode numbers are
// counted from 1 and the device is 0.
//
// A file's data lies with its first name; further names (hard links) have none and the same inode
// number. GNU cpio, libarchive and Linux unpack that as hard links.
#pragma once

#include "loader/cpio/reader.hpp"

#include <cstddef>
#include <vector>

namespace kos::cpio {

enum class WriteError : std::uint8_t {
    Name,   ///< empty, holds a NUL, or is the trailer's
    Size,   ///< data of 4 GiB or more
    Count,  ///< more than 2^32 − 1 files
};
[[nodiscard]] std::string_view describe(WriteError error);

class Writer {
   public:
    /// Names a file that was added.
    struct FileId {
        std::size_t index;
    };

    /// `inode`, `link_count` and the device numbers in \p metadata are the writer's to fill.
    Result<FileId, WriteError> add(std::string_view name, const Metadata& metadata, Bytes data);
    /// Another name for a file.
    Result<void, WriteError> add_link(std::string_view name, FileId file);
    /// The archive; the writer is spent.
    [[nodiscard]] std::vector<std::byte> finish() &&;

   private:
    struct File {
        Metadata metadata;
        std::vector<std::size_t> headers;  ///< offsets, one for each name
    };
    Result<void, WriteError> append(File& file, std::string_view name, Bytes data);

    std::vector<std::byte> archive_;
    std::vector<File> files_;
};

}  // namespace kos::cpio
