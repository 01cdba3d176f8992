// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Registers of virtio-mmio, version 2 (VIRTIO 1.2, section 4.2.2). All are 32 bits wide.
#pragma once

#include <cstdint>

namespace kos::virtio {

enum class Register : std::uint32_t {
    MagicValue = 0x000,
    Version = 0x004,
    DeviceId = 0x008,
    VendorId = 0x00c,
    DeviceFeatures = 0x010,
    DeviceFeaturesSel = 0x014,
    DriverFeatures = 0x020,
    DriverFeaturesSel = 0x024,
    QueueSel = 0x030,
    QueueNumMax = 0x034,
    QueueNum = 0x038,
    QueueReady = 0x044,
    QueueNotify = 0x050,
    InterruptStatus = 0x060,
    InterruptAck = 0x064,
    Status = 0x070,
    QueueDescLow = 0x080,
    QueueDescHigh = 0x084,
    QueueDriverLow = 0x090,
    QueueDriverHigh = 0x094,
    QueueDeviceLow = 0x0a0,
    QueueDeviceHigh = 0x0a4,
    ShmSel = 0x0ac,
    ShmLenLow = 0x0b0,
    ShmLenHigh = 0x0b4,
    ShmBaseLow = 0x0b8,
    ShmBaseHigh = 0x0bc,
    ConfigGeneration = 0x0fc,
};

inline constexpr std::uint64_t config_offset = 0x100;
/// What an engine sets aside for a device.
inline constexpr std::uint64_t mmio_size = 0x1000;

inline constexpr std::uint32_t magic_value = 0x74726976;  // "virt"
inline constexpr std::uint32_t mmio_version = 2;
inline constexpr std::uint32_t vendor_id = 0x00736f6b;  // "kos"

/// Bits of InterruptStatus.
inline constexpr std::uint32_t interrupt_used = 1, interrupt_config = 2;

}  // namespace kos::virtio
