// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What kos knows of a board: constants only. A board is a folder with a board.hpp of its own and a
// README that says how to flash it; names are Microkit's.
#pragma once

#include "lib/base/address.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace kos::boards {

/// Physical addresses [start, end).
struct Range {
    PhysicalAddress start;
    PhysicalAddress end;
};

enum class UartKind : std::uint8_t { Pl011 = 1, Cadence = 2, Imx = 3, Meson = 4, Bcm2835Mini = 5 };

/// How QEMU emulates the board.
struct Qemu {
    std::string_view machine;
    std::string_view cpu;           ///< empty: the machine's own
    std::string_view memory;        ///< of -m; the kernel's build says how much there is
    std::string_view extra;         ///< further arguments, separated by spaces
    bool needs_kernel_device_tree;  ///< -dtb: QEMU passes none of its own
    /// Guests that can have volumes: the machine has a virtio-mmio bus for each of
    /// manifest::volume_group volumes of a guest, side by side.
    std::uint32_t volume_groups;
    /// Ports of the host lead to services: over the serial line, which is kos's own.
    bool has_uplink;
};

struct Board {
    std::string_view name;
    UartKind uart_kind;
    PhysicalAddress uart;
    std::span<const Range> memory;  ///< RAM as the shim sees it, whole gigabytes
    /// Where the flat image is loaded: a 2 MiB boundary.
    PhysicalAddress load_address;
    /// CNTPCT_EL0 traps at EL0 although the kernel exports it: programs read CNTVCT_EL0.
    bool physical_counter_traps;
    Qemu qemu;
};

}  // namespace kos::boards
