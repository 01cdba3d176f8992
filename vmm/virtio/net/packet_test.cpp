// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/net/packet.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace kos::virtio {
namespace {

NetHeader checksummed(std::uint16_t start, std::uint16_t offset) {
    NetHeader header;
    header.flags = net_needs_checksum;
    header.checksum_start = start;
    header.checksum_offset = offset;
    return header;
}

TEST(Packet, FramesShorterOrLongerThanEthernetHasThemAreUnsound) {
    EXPECT_FALSE(is_sound({}, 13, 0));
    EXPECT_TRUE(is_sound({}, 14, 0));
    EXPECT_FALSE(is_sound({}, max_frame + 1, 0));
}

TEST(Packet, AChecksumOutsideOfTheFrameIsUnsound) {
    EXPECT_TRUE(is_sound(checksummed(34, 16), 52, net_host_checksum));
    EXPECT_FALSE(is_sound(checksummed(34, 17), 52, net_host_checksum));
    EXPECT_FALSE(is_sound(checksummed(65535, 65535), 60, net_host_checksum));
}

TEST(Packet, WhatWasNotNegotiatedIsUnsound) {
    EXPECT_FALSE(is_sound(checksummed(34, 16), 60, 0));
    NetHeader segments = checksummed(34, 16);
    segments.gso_type = gso_tcp4;
    segments.gso_size = std::uint16_t{1448};
    EXPECT_TRUE(is_sound(segments, 9000, net_host_checksum | net_host_tso4));
    EXPECT_FALSE(is_sound(segments, 9000, net_host_checksum | net_host_tso6));
    segments.gso_type = gso_tcp4 | gso_ecn;
    EXPECT_FALSE(is_sound(segments, 9000, net_host_checksum | net_host_tso4));
    segments.gso_type = gso_udp;
    EXPECT_FALSE(is_sound(segments, 9000, net_host_offloads));
    segments.gso_type = gso_tcp4;
    segments.gso_size = std::uint16_t{0};
    EXPECT_FALSE(is_sound(segments, 9000, net_host_offloads));
}

/// RFC 1071: the sum over what was checksummed, checksum included, is all ones.
RC_GTEST_PROP(PacketProperty, AFrameWithItsChecksumSumsUpToAllOnes,
              (std::vector<std::uint8_t> payload)) {
    payload.insert(payload.begin(), 40, 0x5a);
    const NetHeader header = checksummed(14, 6);
    payload[20] = payload[21] = 0;
    const std::uint16_t checksum = checksum_of(header, std::as_bytes(std::span{payload}));
    payload[20] = static_cast<std::uint8_t>(checksum >> 8);
    payload[21] = static_cast<std::uint8_t>(checksum);
    std::uint32_t sum = 0;
    for (std::size_t i = 14; i < payload.size(); ++i) {
        sum += i % 2 == 0 ? payload[i] << 8 : payload[i];
    }
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    RC_ASSERT(sum == 0xffff);
}

}  // namespace
}  // namespace kos::virtio
