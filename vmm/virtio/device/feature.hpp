// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Numbers that all devices share (VIRTIO 1.2, sections 2.1, 5 and 6).
#pragma once

#include <cstdint>

namespace kos::virtio {

/// Section 5.
enum class DeviceType : std::uint32_t {
    Network = 1,
    Block = 2,
    Console = 3,
    Entropy = 4,
    Balloon = 5,
    Socket = 19,
};

/// A set of feature bits.
using Features = std::uint64_t;
[[nodiscard]] constexpr Features feature(unsigned bit) { return Features{1} << bit; }

/// Section 6.
inline constexpr Features feature_indirect = feature(28), feature_event_index = feature(29),
                          feature_version_1 = feature(32);
/// What every transport of ours offers besides the device's own.
inline constexpr Features ring_features =
    feature_indirect | feature_event_index | feature_version_1;

/// Section 2.1.
inline constexpr std::uint32_t status_acknowledge = 1, status_driver = 2, status_driver_ok = 4,
                               status_features_ok = 8, status_needs_reset = 64, status_failed = 128;

}  // namespace kos::virtio
