// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Files in memory (tmpfs) of native apps: what the packer and libos have agreed on.
//
// A directory of the initrd whose device number is `mark`, pages is the place of such a file system
// with room for that many pages; owner and mode of its root are the directory's. Nothing of the
// image lies in it. The pages, and what libos keeps of the files, come out of the app's heap, which
// the packer enlarges by heap_pages().
#pragma once

#include "lib/base/address.hpp"

#include <algorithm>
#include <cstdint>

namespace kos::native::memory_files {

/// TMPFS_MAGIC of Linux's <linux/magic.h>.
inline constexpr std::uint32_t mark = 0x0102'1994;

/// Bytes where nobody asks for a size.
inline constexpr std::uint64_t default_size = 1u << 20;
/// Most pages of an app's file systems together: 1 GiB.
inline constexpr std::uint64_t most_pages = 1u << 18;
/// Most file systems of an app.
inline constexpr std::uint64_t most_mounts = 16;

/// Names, and so files, that there is room for beside `pages` in all the app's file systems.
[[nodiscard]] constexpr std::uint64_t names_for(std::uint64_t pages) {
    constexpr std::uint64_t least = 32, most = 8192;
    return pages == 0 ? 0 : std::clamp(pages, least, most);
}

// What libos keeps for each at most.
inline constexpr std::uint64_t bytes_per_name = 512, bytes_per_page = 24;

/// Pages of heap that file systems with that many pages together take.
[[nodiscard]] constexpr std::uint64_t heap_pages(std::uint64_t pages) {
    if (pages == 0) return 0;
    const std::uint64_t tables = names_for(pages) * bytes_per_name + pages * bytes_per_page;
    constexpr std::uint64_t partly_used = 4;  // a page at the end of each table
    return pages + pages_for(tables) + partly_used;
}

}  // namespace kos::native::memory_files
