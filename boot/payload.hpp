// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the shim puts in place before it enters the kernel.
#pragma once

#include "boot/table.hpp"
#include "lib/base/bytes.hpp"
#include "loader/elf/file.hpp"

#include <cstdint>

namespace kos::boot {

/// Copies the kernel's segments to the physical addresses that they were linked for.
void place_kernel(const BootTable& table, Bytes flat_image);

/// The root server in memory, as the kernel's boot contract describes a user image.
struct UserImage {
    std::uint64_t start;           ///< physical, page-aligned
    std::uint64_t end;             ///< physical, page-aligned
    std::uint64_t virtual_offset;  ///< physical − virtual
    std::uint64_t entry;           ///< virtual
};

/// Its ELF file, or a halt with what is wrong with it.
elf::File root_server_file(const BootTable& table, Bytes flat_image);

/// Lays it out at \p physical, below \p limit, or halts.
UserImage place_root_server(const elf::File& file, std::uint64_t physical, std::uint64_t limit);

}  // namespace kos::boot
