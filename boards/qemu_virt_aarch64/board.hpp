// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// QEMU's virt machine as seL4's qemu-arm-virt platform is configured for it: 1 GiB of RAM, of which
// the kernel manages the upper half; the flat image stays in the lower.
#pragma once

#include "boards/board.hpp"

namespace kos::boards {

inline constexpr std::array qemu_virt_aarch64_memory{
    Range{PhysicalAddress{0x4000'0000}, PhysicalAddress{0x8000'0000}},
};

inline constexpr Board qemu_virt_aarch64{
    .name = "qemu_virt_aarch64",
    .uart_kind = UartKind::Pl011,
    .uart = PhysicalAddress{0x0900'0000},
    .memory = qemu_virt_aarch64_memory,
    .load_address = PhysicalAddress{0x4020'0000},
    .physical_counter_traps = true,  // QEMU tests EL1PCEN where the architecture has EL1PCTEN
    .qemu = {.machine = "virt,virtualization=on,secure=off,gic-version=",
             .cpu = "cortex-a53",
             .memory = "1024",
             .extra = "",
             .needs_kernel_device_tree = false,
             .volume_groups = 4,
             .has_uplink = true},
};

}  // namespace kos::boards
