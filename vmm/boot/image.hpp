// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The header of an arm64 Linux kernel (Documentation/arm64/booting.rst): what a loader needs of it.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"
#include "lib/base/result.hpp"

#include <string_view>

namespace kos::vmm {

struct KernelHeader {
    static constexpr std::uint32_t expected_magic = 0x644d5241;  // "ARM\x64"

    Le32 code[2];      // 0x00
    Le64 text_offset;  // 0x08: bytes from a multiple of 2 MiB
    Le64 image_size;   // 0x10: memory that it takes, .bss included
    Le64 flags;        // 0x18: bit 0: big-endian
    Le64 reserved[3];  // 0x20
    Le32 magic;        // 0x38
    Le32 pe_offset;    // 0x3c
};
static_assert(sizeof(KernelHeader) == 64);

enum class KernelError : std::uint8_t {
    Truncated,   ///< shorter than its header
    Magic,       ///< not an arm64 Image; a compressed one must be unpacked first
    Endianness,  ///< a big-endian kernel
    Size,        ///< it takes less memory than it has bytes, or text_offset is beyond 2 MiB
};
[[nodiscard]] std::string_view describe(KernelError error);

/// Where a kernel lies in the guest's memory, in bytes from its start.
struct KernelPlace {
    std::uint64_t offset;  ///< also of its entry
    std::uint64_t end;     ///< of what it takes before it knows of any other memory
};
[[nodiscard]] Result<KernelPlace, KernelError> place_kernel(Bytes image);

}  // namespace kos::vmm
