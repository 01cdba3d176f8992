// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Frames of Ethernet (IEEE 802.3): destination, source, type.
#pragma once

#include "lib/base/bytes.hpp"

#include <array>
#include <cstdint>

namespace kos::netswitch {

using MacAddress = std::array<std::uint8_t, 6>;

struct FrameHeader {
    MacAddress destination;            // 0x00
    MacAddress source;                 // 0x06
    std::array<std::uint8_t, 2> type;  // 0x0c
};
static_assert(sizeof(FrameHeader) == 14);

/// Multicast, broadcast included.
[[nodiscard]] constexpr bool is_group(const MacAddress& address) { return (address[0] & 1) != 0; }

/// 01:80:c2:00:00:00 to 0f: bridges pass it on to nobody (IEEE 802.1D, section 7.12.6).
[[nodiscard]] constexpr bool is_reserved(const MacAddress& address) {
    return address[0] == 0x01 && address[1] == 0x80 && address[2] == 0xc2 && address[3] == 0 &&
           address[4] == 0 && address[5] < 0x10;
}

}  // namespace kos::netswitch
