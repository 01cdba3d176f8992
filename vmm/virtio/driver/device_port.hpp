// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a driver has of a virtio-mmio device: registers, an interrupt, and memory that both see.
#pragma once

#include "lib/base/bytes.hpp"

#include <cstdint>

namespace kos::virtio {

class DevicePort {
   public:
    /// 32 bits at \p offset in the registers.
    [[nodiscard]] virtual std::uint32_t read(std::uint32_t offset) = 0;
    /// The device sees what was written to memory before.
    virtual void write(std::uint32_t offset, std::uint32_t value) = 0;
    /// Until the device's interrupt, or one of another device; its cause may be gone.
    virtual void wait() = 0;
    /// Once its cause has been taken away: the interrupt can come again.
    virtual void rearm() = 0;

   protected:
    ~DevicePort() = default;
};

/// Memory in one piece.
struct DeviceMemory {
    MutableBytes bytes;
    std::uint64_t address;  ///< of its first byte, as the device sees it
};

}  // namespace kos::virtio
