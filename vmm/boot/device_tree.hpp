// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device tree of a guest: what our VMM gives it and nothing else.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "vmm/guest/address.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace kos::vmm {

/// Addresses of a guest: a start and a number of bytes.
struct GuestRange {
    GuestAddress start;
    std::uint64_t size = 0;
};

enum class GicVersion : std::uint8_t { V2 = 2, V3 = 3 };

/// A virtio-mmio device: one page, one shared peripheral interrupt.
struct VirtioNode {
    GuestAddress address;
    unsigned shared_interrupt;
};

struct GuestDescription {
    GuestRange memory;
    std::uint32_t processors = 1;
    GicVersion gic = GicVersion::V2;
    GuestRange distributor;
    /// GICv2: the processor interface; GICv3: the redistributors.
    GuestRange processor_interface;
    /// Registers of a PL011 for early output alone; nothing where there is none.
    GuestRange early_console;
    std::span<const VirtioNode> devices;
    GuestRange initrd;  ///< of size 0 where there is none
    std::string_view command_line;
    Bytes seed;  ///< for the kernel's random numbers, and its own place
};

enum class TreeError : std::uint8_t {
    Full,  ///< it does not fit in its place
};

/// Writes the tree to \p target; its size.
[[nodiscard]] Result<std::size_t, TreeError> write_device_tree(const GuestDescription& guest,
                                                               MutableBytes target);

}  // namespace kos::vmm
