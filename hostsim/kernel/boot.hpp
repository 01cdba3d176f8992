// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the boot shim hands to the kernel, and the initial thread that the kernel makes of it
// (seL4 Reference Manual, chapter 9).
#pragma once

#include "hostsim/kernel/physical_memory.hpp"
#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/sel4/bootinfo.hpp"

#include <cstdint>
#include <span>

namespace kos::sim {

/// Physical memory [start, end), page-aligned.
struct PhysicalRange {
    PhysicalAddress start;
    PhysicalAddress end;
    [[nodiscard]] std::uint64_t size() const { return end - start; }
};

struct BootOptions {
    /// Where the kernel itself lies: no untyped covers it. May be empty.
    PhysicalRange kernel;
    /// The part of it that is needed for boot only and becomes a normal untyped. May be empty.
    PhysicalRange kernel_boot{};
    /// Devices that the kernel keeps for itself (the interrupt controller), ascending, outside
    /// normal memory: no device untyped covers them.
    std::span<const PhysicalRange> kernel_devices{};
    /// Where the shim put the initial thread's program; its bytes are in physical memory already.
    PhysicalRange user_image;
    /// Where the program lies in its VSpace.
    VirtualAddress user_image_address;
    VirtualAddress entry;
    /// Goes into the extra boot information; may be empty.
    Bytes device_tree;
    unsigned root_cnode_bits = 12;
};

enum class BootError : std::uint8_t {
    UserImage,  ///< misaligned, empty, or not in normal memory
    Memory,     ///< no region of normal memory holds the initial thread's objects
    RootCNode,  ///< the root CNode has too few slots for what has to go in
    BootInfo,   ///< more untypeds than BootInfo describes
};

/// Where the kernel put what it tells the initial thread; x0 is `boot_info`.
struct BootedTask {
    VirtualAddress boot_info;
    VirtualAddress ipc_buffer;
};

}  // namespace kos::sim
