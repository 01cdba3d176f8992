// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Network devices as drivers see them (VIRTIO 1.2, sections 5.1.3, 5.1.4 and 5.1.6).
#pragma once

#include "lib/base/little_endian.hpp"
#include "vmm/virtio/device/feature.hpp"

#include <array>
#include <cstdint>

namespace kos::virtio {

/// HOST: what the device takes from the guest; GUEST: what the guest takes from the device.
inline constexpr Features net_host_checksum = feature(0), net_guest_checksum = feature(1),
                          net_mtu = feature(3), net_mac = feature(5), net_guest_tso4 = feature(7),
                          net_guest_tso6 = feature(8), net_guest_ecn = feature(9),
                          net_host_tso4 = feature(11), net_host_tso6 = feature(12),
                          net_host_ecn = feature(13), net_mergeable = feature(15),
                          net_status = feature(16);
inline constexpr Features net_host_offloads =
    net_host_checksum | net_host_tso4 | net_host_tso6 | net_host_ecn;
inline constexpr Features net_guest_offloads =
    net_guest_checksum | net_guest_tso4 | net_guest_tso6 | net_guest_ecn;

using MacAddress = std::array<std::uint8_t, 6>;

struct NetConfig {
    MacAddress mac{};          // 0x00
    Le16 status;               // 0x06
    Le16 max_virtqueue_pairs;  // 0x08
    Le16 mtu;                  // 0x0a
};
static_assert(sizeof(NetConfig) == 0x0c);
inline constexpr std::uint16_t net_link_up = 1;

/// Before every frame.
struct NetHeader {
    std::uint8_t flags = 0;     // 0x00
    std::uint8_t gso_type = 0;  // 0x01
    Le16 header_length;         // 0x02
    Le16 gso_size;              // 0x04
    Le16 checksum_start;        // 0x06
    Le16 checksum_offset;       // 0x08
    Le16 num_buffers;           // 0x0a
};
static_assert(sizeof(NetHeader) == 12);

inline constexpr std::uint8_t net_needs_checksum = 1, net_data_valid = 2;
inline constexpr std::uint8_t gso_none = 0, gso_tcp4 = 1, gso_udp = 3, gso_tcp6 = 4, gso_ecn = 0x80;

/// Ethernet header; and the most that a frame with segmentation left to do has.
inline constexpr std::size_t min_frame = 14, max_frame = 65536 + 14 + 4;

}  // namespace kos::virtio
