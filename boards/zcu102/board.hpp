// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Xilinx ZCU102 (Zynq UltraScale+), as seL4's zynqmp platform is configured for it.
#pragma once

#include "boards/board.hpp"

namespace kos::boards {

inline constexpr std::array zcu102_memory{
    Range{PhysicalAddress{0}, PhysicalAddress{0x8000'0000}},
};

inline constexpr Board zcu102{
    .name = "zcu102",
    .uart_kind = UartKind::Cadence,
    .uart = PhysicalAddress{0xff00'0000},
    .memory = zcu102_memory,
    .load_address = PhysicalAddress{0x100'0000},
    .physical_counter_traps = false,
    // secure=on: the kernel puts interrupts in group 1. cntfrq: sleeps are 1.6 times too long
    // without. 4 GiB: the kernel's boot objects lie above 2 GiB.
    .qemu = {.machine = "xlnx-zcu102,secure=on,virtualization=on",
             .cpu = "",
             .memory = "4096",
             .extra = "-global cortex-a53-arm-cpu.cntfrq=100000000",
             .needs_kernel_device_tree = true,
             .volume_groups = 0,
             .has_uplink = false},
};

}  // namespace kos::boards
