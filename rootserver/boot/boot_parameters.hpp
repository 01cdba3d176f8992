// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the boot shim, the firmware or the simulator tells the root server: chunks of the extra boot
// information, of which the device tree is the one that counts (docs/kernel-abi.md).
//
//   /chosen linux,initrd-start, -end   the system image
//           kos,image-address, -frame  where it is a part of the root server's image: its address,
//                                      and its first page's number in that image
//           kos,kernel-abi             the kernel ABI record; absent: the default record
//           rng-seed                   seeds the apps' random generators
//           kos,boot-time              seconds since 1970 when the counter was 0
//           kos,shim-entered           the counter's value at the boot shim's first instruction
//           kos,kernel-entered         and when it entered the kernel
//           kos,trace                  1: tell the host of every kernel invocation
//   kos,guests                         devices that run guests outside (lib/vm/external.hpp)
//   virtio,mmio                        the first of the devices that are volumes of guests
//   arm,pl011                          the console; without interrupts it only sends
//   arm,cortex-a15-gic, arm,gic-400    the interrupt controller: what guests have of it is its
//   arm,gic-v3                         fourth range of registers, or system registers
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/sel4/abi.hpp"
#include "rootserver/boot/guest_device_range.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::rootserver {

/// The interrupt controller as far as guests are concerned.
struct GuestInterrupts {
    unsigned gic_version = 0;                   ///< 2 or 3; 0: there is none
    std::optional<PhysicalAddress> gic_v2_cpu;  ///< of version 2: GICV
};

/// A system image that the kernel mapped, with the root server's program.
struct MappedImage {
    VirtualAddress address;
    std::uint64_t first_frame;  ///< number of its first page in the root server's image
};

struct BootParameters {
    sel4::KernelAbi kernel_abi;
    PhysicalAddress image;
    std::uint64_t image_size = 0;
    std::optional<MappedImage> mapped_image;
    std::array<std::uint8_t, 32> seed{};
    bool has_seed = false;
    std::uint64_t boot_time = 0;
    std::optional<std::uint64_t> shim_entered;  ///< counter values
    std::optional<std::uint64_t> kernel_entered;
    bool trace = false;
    std::optional<PhysicalAddress> console;
    std::optional<unsigned> console_interrupt;
    std::optional<GuestDeviceRange> guests;
    std::optional<GuestDeviceRange> volumes;
    GuestInterrupts guest_interrupts;
};

enum class BootError : std::uint8_t {
    NoDeviceTree,  ///< none of the chunks is a device tree, or it is malformed
    KernelAbi,     ///< a kernel ABI record of another version
    Image,         ///< /chosen names no system image
};
[[nodiscard]] std::string_view describe(BootError error);

/// \p extra: the chunks behind the boot information.
[[nodiscard]] Result<BootParameters, BootError> read_boot_parameters(Bytes extra);

}  // namespace kos::rootserver
