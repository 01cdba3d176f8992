// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reads a cpio archive in the "new ASCII" format (newc, magic 070701), as the initrd is.
//
//   header (110 bytes of text) | name, NUL | pad to 4 | data | pad to 4 | … | "TRAILER!!!"
//
// Zero copy: names and data are parts of the archive. Source: cpio(5); Linux,
// Documentation/driver-api/early-userspace/buffer-format. Left out: the CRC variant (070702).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::cpio {

enum class Error : std::uint8_t {
    Truncated,  ///< the archive ends within an entry or without a trailer
    Magic,      ///< an entry does not start with 070701
    Number,     ///< a header field is not eight hexadecimal digits
    Name,       ///< a name is empty, holds a NUL, or lacks one at its end
};
[[nodiscard]] std::string_view describe(Error error);

/// File types in `mode`, as in POSIX <sys/stat.h>.
inline constexpr std::uint32_t type_mask = 0170000, type_socket = 0140000, type_symlink = 0120000,
                               type_regular = 0100000, type_block = 0060000,
                               type_directory = 0040000, type_character = 0020000,
                               type_fifo = 0010000;

struct Metadata {
    std::uint32_t inode = 0;  ///< entries with the same one and nlink > 1 are hard links
    std::uint32_t mode = 0;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint32_t link_count = 1;
    std::uint32_t modified = 0;  ///< seconds since 1970
    std::uint32_t device_major = 0, device_minor = 0;
    std::uint32_t special_major = 0, special_minor = 0;  ///< of a device node

    [[nodiscard]] constexpr std::uint32_t type() const { return mode & type_mask; }
};

struct Entry {
    std::string_view name;  ///< as stored; "." or "./etc" are possible
    Metadata metadata;
    Bytes data;  ///< a symbolic link's is its target
};

class Reader {
   public:
    explicit Reader(Bytes archive) : archive_(archive) {}

    /// The next entry; nothing once the trailer is reached.
    Result<std::optional<Entry>, Error> next();
    /// Where the next entry starts.
    [[nodiscard]] std::uint64_t offset() const { return offset_; }

   private:
    Result<Bytes, Error> take(std::uint64_t size);

    Bytes archive_;
    std::uint64_t offset_ = 0;
};

}  // namespace kos::cpio
