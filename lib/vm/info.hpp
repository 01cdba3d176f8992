// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the root server tells a VMM about its guest: one read-only page at vm::info_address.
#pragma once

#include "lib/base/address.hpp"
#include "lib/manifest/image.hpp"
#include "lib/sel4/abi.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::vm {

/// Who runs the guest.
enum class Engine : std::uint64_t {
    Kernel = 1,    ///< seL4: virtual CPUs of the VMM's own
    External = 2,  ///< the machine, which the device page asks to
};

/// Bytes of the system image, mapped read-only.
struct BlobInfo {
    std::uint64_t address;
    std::uint64_t size;  ///< bytes; 0 where there is none
};

/// A volume has no content, but registers: at content.address. Its interrupt is that of its number
/// among the guest's volumes, and so is its part of their memory.
struct DiskInfo {
    BlobInfo content;
    std::array<char, 24> serial;  ///< zeros behind it
};

struct InterfaceInfo {
    std::array<std::uint8_t, 6> mac;
    std::uint8_t membership;  ///< as manifest::Interface has it
    std::array<std::uint8_t, 1> reserved;
};

struct VmInfo {
    static constexpr std::uint64_t expected_magic = 0x4f464e494d56534b;  // "KSVMINFO"
    static constexpr std::size_t text_offset = 0x420;

    std::uint64_t magic;                                             // 0x000
    Engine engine;                                                   // 0x008
    std::uint64_t app;                                               // 0x010: number in the image
    std::uint64_t start_number;                                      // 0x018: earlier starts
    std::uint64_t memory_size;                                       // 0x020: bytes of guest RAM
    std::uint64_t vcpus;                                             // 0x028
    BlobInfo kernel;                                                 // 0x030
    BlobInfo initrd;                                                 // 0x040
    std::uint64_t realtime_offset;                                   // 0x050: ns since 1970 at 0
    std::uint64_t counter_hz;                                        // 0x058
    std::uint64_t virtual_counter;                                   // 0x060: as in ProcessInfo
    std::array<std::uint8_t, 32> seed;                               // 0x068: unpredictable
    std::uint32_t disk_count;                                        // 0x088
    std::uint32_t interface_count;                                   // 0x08c
    std::array<DiskInfo, manifest::max_disks> disks;                 // 0x090
    std::array<InterfaceInfo, manifest::max_interfaces> interfaces;  // 0x310
    sel4::KernelAbi kernel_abi;                                      // 0x350: the labels in force
    std::uint64_t gic_version;                                       // 0x408: 2 or 3
    std::uint32_t command_line_size;                                 // 0x410: bytes without the NUL
    std::uint32_t message_servers;                                   // 0x414: how many
    std::uint64_t volume_memory;                                     // 0x418: its physical address
    char command_line[page_size - text_offset];                      // 0x420: NUL-terminated
};
static_assert(offsetof(VmInfo, disks) == 0x90 && offsetof(VmInfo, kernel_abi) == 0x350 &&
              offsetof(VmInfo, interfaces) == 0x310 &&
              offsetof(VmInfo, command_line) == VmInfo::text_offset && sizeof(VmInfo) == page_size);

}  // namespace kos::vm
