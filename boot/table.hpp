// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What `kos image` tells the boot shim: the boot table of a flat arm64 Image.
//
//   0            shim: arm64 Image header (ImageHead), code, data, bss
//   table        BootTable, on the page behind the shim
//   segments     the kernel's, as its ELF file has them
//   device tree  where the board's firmware passes none
//   gap          room for the root server, where the system image is part of its image
//   system image on a large page, so that it can be mapped with large pages where it lies
//
// Offsets are from the start of the flat image, which is loaded on a 2 MiB boundary. Every blob has
// a checksum in the table, and the table one of its own. Where the console is stands both in the
// head and in the table, so that damage to either can be told.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/crc32.hpp"
#include "lib/base/little_endian.hpp"
#include "lib/sel4/abi.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::boot {

/// One loadable segment of the kernel.
struct KernelSegment {
    Le64 offset;            // 0x00
    Le64 file_size;         // 0x08
    Le64 memory_size;       // 0x10: the rest is zeroed
    Le64 physical_address;  // 0x18
};
static_assert(sizeof(KernelSegment) == 0x20);

/// Physical addresses [start, end).
struct MemoryRange {
    Le64 start;
    Le64 end;
};

struct BootTable {
    static constexpr std::uint64_t expected_magic = 0x0a42'4154'534f'4b7f;  // "\x7fKOSTAB\n"
    static constexpr std::uint32_t expected_version = 2;
    static constexpr std::size_t max_kernel_segments = 4;
    static constexpr std::size_t max_ranges = 4;

    Le64 magic = expected_magic;             // 0x00
    Le32 version = expected_version;         // 0x08
    Le32 crc;                                // 0x0c: CRC-32 of the table from 0x10 on
    Le64 flat_size;                          // 0x10: bytes of the whole flat image
    Le64 kernel_entry;                       // 0x18: virtual address
    Le64 kernel_virtual;                     // 0x20: a multiple of 2 MiB, of the first segment
    Le64 kernel_physical;                    // 0x28: likewise
    Le64 kernel_end;                         // 0x30: first physical address behind the kernel
    Le64 tcr_el2;                            // 0x38: as the kernel's configuration requires
    Le64 mair_el2;                           // 0x40
    Le64 system_image_offset;                // 0x48: a multiple of 2 MiB
    Le64 system_image_size;                  // 0x50
    Le64 uart_address;                       // 0x58
    std::uint8_t uart_kind = 0;              // 0x60: boards::UartKind
    std::uint8_t kernel_segment_count = 0;   // 0x61
    std::uint8_t trace = 0;                  // 0x62: 1: the root server shall tell its invocations
    std::array<std::uint8_t, 5> reserved{};  // 0x63
    std::array<Le64, 8> normal_memory{};     // 0x68: bit n of word i: gigabyte 64·i + n is RAM
    Le64 kernel_memory_start;                // 0xa8: the range of it that the kernel lies in
    Le64 kernel_memory_end;                  // 0xb0
    Le64 boot_time;                          // 0xb8: seconds since 1970, 0 where not known
    std::array<KernelSegment, max_kernel_segments> kernel_segments{};  // 0xc0
    sel4::KernelAbi abi;                                               // 0x140
    /// For /chosen rng-seed, so that a run can be repeated; zeros: the firmware's.
    std::array<std::uint8_t, 32> seed{};  // 0x1f8
    /// RAM that the kernel takes for granted; ranges that are not used are empty.
    std::array<MemoryRange, max_ranges> kernel_memory{};  // 0x218
    /// Of a device tree in the flat image; size 0: the firmware passes one.
    Le64 device_tree_offset;  // 0x258
    Le64 device_tree_size;    // 0x260
    /// Where the root server is laid out in the flat image, so that it ends where the system image
    /// starts and both are one user image; 0: behind the device tree, the system image stays alone.
    Le64 root_server_place;                               // 0x268
    Le64 root_server_offset;                              // 0x270: of its ELF file
    Le64 root_server_size;                                // 0x278
    std::array<Le32, max_kernel_segments> kernel_crcs{};  // 0x280: CRC-32 of each segment's bytes
    Le32 device_tree_crc;                                 // 0x290
    Le32 root_server_crc;                                 // 0x294
    Le32 system_image_crc;                                // 0x298: of all of it
    Le32 reserved_end;                                    // 0x29c
};
static_assert(offsetof(BootTable, normal_memory) == 0x68);
static_assert(offsetof(BootTable, kernel_segments) == 0xc0 && offsetof(BootTable, abi) == 0x140 &&
              offsetof(BootTable, seed) == 0x1f8 && offsetof(BootTable, kernel_memory) == 0x218 &&
              offsetof(BootTable, kernel_crcs) == 0x280 && sizeof(BootTable) == 0x2a0);

/// The table's checksum is of what follows it.
[[nodiscard]] inline std::uint32_t checksum_of(const BootTable& table) {
    return crc32(bytes_of(table).subspan(offsetof(BootTable, flat_size)));
}

/// Head of a flat arm64 Image. Source: Linux, Documentation/arm64/booting.rst. Its reserved fields
/// say where the table and the console are.
struct ImageHead {
    static constexpr std::uint32_t expected_magic = 0x644d5241;  // "ARM\x64"

    Le32 code0;         // 0x00: a branch over this header
    Le32 code1;         // 0x04
    Le64 text_offset;   // 0x08: where it is loaded, from the start of RAM; a loader may ignore it
    Le64 image_size;    // 0x10
    Le64 flags;         // 0x18
    Le64 boot_table;    // 0x20: res2: offset of the BootTable
    Le64 uart_address;  // 0x28: res3
    Le32 uart_kind;     // 0x30: res4: boards::UartKind
    Le32 crc;           // 0x34: CRC-32 of the bytes [0, 0x34)
    Le32 magic;         // 0x38
    Le32 reserved_end;  // 0x3c
};
static_assert(sizeof(ImageHead) == 0x40 && offsetof(ImageHead, crc) == 0x34 &&
              offsetof(ImageHead, magic) == 0x38);

[[nodiscard]] inline std::uint32_t checksum_of(const ImageHead& head) {
    return crc32(bytes_of(head).first(offsetof(ImageHead, crc)));
}

}  // namespace kos::boot
