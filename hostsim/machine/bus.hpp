// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The board's devices at their addresses. Registers are 32 bits wide and take narrower accesses to
// their low bytes, as QEMU's models do.
#pragma once

#include "hostsim/cpu/device_bus.hpp"
#include "hostsim/machine/guest_devices.hpp"
#include "hostsim/machine/pl011.hpp"

namespace kos::sim {

class Bus final : public DeviceBus {
   public:
    /// Borrowed.
    Bus(Pl011& uart, GuestDevices& guests) : uart_(uart), guests_(guests) {}

    std::optional<std::uint64_t> read(PhysicalAddress address, unsigned bytes) override;
    bool write(PhysicalAddress address, unsigned bytes, std::uint64_t value) override;

   private:
    Pl011& uart_;
    GuestDevices& guests_;
};

}  // namespace kos::sim
