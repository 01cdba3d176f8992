// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reads files of a squashfs image by their paths, by libsquashfs. Links are not followed.
//
// A few bytes of an image can claim a file of any size, many files the same bytes, and names that
// are alike compress well. What is read is therefore limited, far above what kos puts into the
// images of microVMs.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kos::squashfs {

inline constexpr std::uint64_t largest_file = 64u << 20;   ///< bytes of one file
inline constexpr std::uint64_t most_content = 256u << 20;  ///< bytes that a Reader reads in all
inline constexpr std::size_t most_names = 1u << 14;        ///< of one directory

class Reader {
   public:
    /// KOS-E-SYSTEM-IMAGE where it is none, as below where it is damaged. The image is copied.
    static Outcome<Reader> create(Bytes image);
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) = delete;
    ~Reader();

    /// The content of a regular file at \p path, "a/b"; nothing where there is none.
    /// KOS-E-SYSTEM-IMAGE above the limits.
    [[nodiscard]] Outcome<std::optional<std::string>> content(const std::string& path);
    /// Names in the directory at \p path, in order; none where there is no directory.
    /// KOS-E-SYSTEM-IMAGE above the limit.
    [[nodiscard]] Outcome<std::vector<std::string>> names(const std::string& path);

   private:
    struct Parts;
    explicit Reader(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace kos::squashfs
