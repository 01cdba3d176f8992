// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A tar archive as a sequence of entries, read with libarchive: an RAII handle with Results, and
// the decompression of a layer. Nothing is written to disk.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

struct archive;
struct archive_entry;

namespace kos::oci {

enum class EntryType : std::uint8_t {
    File,
    Directory,
    Symlink,
    CharDevice,
    BlockDevice,
    Fifo,
    Unknown
};

class TarReader {
   public:
    /// Moves to the next entry; false at the end. KOS-E-LAYER where the tar is malformed.
    Outcome<bool> next();

    // The current entry.
    [[nodiscard]] std::string path() const;
    [[nodiscard]] EntryType type() const;
    [[nodiscard]] std::string hard_link() const;  ///< the target's path, or nothing
    [[nodiscard]] std::string symlink() const;
    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] std::uint32_t mode() const;  ///< the lower 12 bits
    [[nodiscard]] std::uint32_t user() const;
    [[nodiscard]] std::uint32_t group() const;
    [[nodiscard]] std::int64_t modified() const;  ///< seconds since 1970
    [[nodiscard]] std::uint32_t device_major() const;
    [[nodiscard]] std::uint32_t device_minor() const;
    [[nodiscard]] std::map<std::string, std::string> xattrs() const;
    [[nodiscard]] std::uint64_t header_position() const;

    /// The entry's bytes, size() of them: check that first. KOS-E-LAYER where the tar ends early.
    Outcome<std::string> read_data();

   private:
    friend Outcome<TarReader> open_tar_file(const std::string& path, std::uint64_t position);
    friend Outcome<TarReader> open_tar_bytes(Bytes tar, const std::string& where);

    struct Free {
        void operator()(struct archive* archive) const;
    };
    explicit TarReader(std::string where);
    [[nodiscard]] Err<Error> failure() const;

    std::string where_;
    sys::UniqueFd file_;  ///< closed after the archive is freed
    std::unique_ptr<struct archive, Free> archive_;
    struct archive_entry* entry_ = nullptr;
};

/// A tar in a file, from the entry whose header lies at \p position.
Outcome<TarReader> open_tar_file(const std::string& path, std::uint64_t position);

/// A tar in memory, which must outlive the reader. An empty one has no entries.
Outcome<TarReader> open_tar_bytes(Bytes tar, const std::string& where);

enum class Compression : std::uint8_t { None, Gzip, Zstd };

/// The whole of a compressed stream; KOS-E-LAYER where it is damaged, cut short, or longer than
/// \p limit when unpacked.
Outcome<std::string> decompress(Bytes stream, Compression compression, std::uint64_t limit,
                                const std::string& where);

}  // namespace kos::oci
