// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the kernel does with physical memory at boot: where the initial thread's objects lie, and
// how the rest is cut into untypeds.
#pragma once

#include "hostsim/kernel/boot.hpp"
#include "hostsim/kernel/physical_memory.hpp"
#include "lib/base/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace kos::sim {

/// A power of two of memory, aligned to its size.
struct UntypedPiece {
    PhysicalAddress address;
    unsigned size_bits;
    bool is_device;
};

/// Sizes of the initial thread's objects that differ from boot to boot.
struct RootSizes {
    unsigned cnode_bits;       ///< log2 of bytes
    unsigned extra_info_bits;  ///< log2 of bytes, 0 for none
    std::uint64_t page_tables;
};

/// Where the initial thread's objects lie.
struct RootLayout {
    PhysicalAddress extra_info;
    PhysicalAddress cnode;
    PhysicalAddress vspace;
    PhysicalAddress asid_pool;
    PhysicalAddress ipc_buffer;
    PhysicalAddress boot_info;
    PhysicalAddress page_tables;
    PhysicalAddress thread;
    PhysicalAddress sched_context;
};

class BootMemory {
   public:
    BootMemory(std::span<const MemoryRegion> regions, const BootOptions& options);

    /// Takes memory for the initial thread's objects from the top.
    [[nodiscard]] Result<RootLayout, BootError> take_root_objects(const RootSizes& sizes);

    /// What is left, as untypeds in the order of boot information: device memory, which is
    /// everything that is neither normal memory nor the kernel's devices, then normal memory.
    [[nodiscard]] std::vector<UntypedPiece> untypeds() const;

   private:
    std::vector<PhysicalRange> no_device_;  // ascending: normal memory and the kernel's devices
    std::vector<PhysicalRange> free_;       // free normal memory; may hold empty ranges
    PhysicalRange kernel_boot_;
};

}  // namespace kos::sim
