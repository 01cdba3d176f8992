// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The flattened device tree of the simulated board (Devicetree Specification v0.4): memory, UART,
// and in /chosen what the boot shim tells the system on a real one.
#pragma once

#include "hostsim/kernel/boot.hpp"
#include "lib/sel4/abi.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace kos::sim {

struct DeviceTreeContents {
    std::uint64_t memory_size;                  ///< of the RAM that the kernel manages
    std::optional<PhysicalRange> system_image;  ///< linux,initrd-start, linux,initrd-end
    std::array<std::uint8_t, 32> seed;          ///< rng-seed
    std::uint64_t boot_time;                    ///< kos,boot-time: seconds since 1970
    sel4::KernelAbi kernel_abi;                 ///< kos,kernel-abi
    bool trace = false;                         ///< kos,trace
    bool runs_guests = false;                   ///< it has devices that run guests outside
};

[[nodiscard]] std::vector<std::byte> make_device_tree(const DeviceTreeContents& contents);

}  // namespace kos::sim
