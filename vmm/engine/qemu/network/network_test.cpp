// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Guests' drivers on the ports of a network.

#include "vmm/engine/qemu/network/switch_link.hpp"
#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace kos::qemu {
namespace {

using namespace virtio;

constexpr Features all_features =
    net_mergeable | net_status | net_host_offloads | net_guest_offloads;

struct Station {
    Station(Network& network, const MacAddress& mac, Features features = all_features)
        : address(mac), link(SwitchLink::join(network, mac)), device(*link, mac) {
        link->attach(device);
        bed.emplace(device, features);
    }
    void give_buffers(int count, std::uint32_t size = 2000) {
        for (int i = 0; i < count; ++i) bed->chain(0).writable(size).submit();
        bed->notify(0);
    }
    void send(const MacAddress& to, const std::string& content, const NetHeader& header = {}) {
        std::string frame;
        frame.append(reinterpret_cast<const char*>(to.data()), to.size());
        frame.append(reinterpret_cast<const char*>(address.data()), address.size());
        frame += "\x88\xb5" + content;
        bed->chain(1).readable(header).readable(frame).submit();
        bed->notify(1);
        (void)bed->queue(1).used();
    }
    /// The content of the next frame that came.
    std::string received() {
        const auto used = bed->queue(0).used();
        if (!used) return "nothing";
        last = value_in<NetHeader>(used->answer);
        return std::string{as_text(used->answer).substr(sizeof(NetHeader) + 14)};
    }

    MacAddress address;
    std::unique_ptr<SwitchLink> link;
    Net device;
    std::optional<DeviceBed> bed;
    NetHeader last{};
};

constexpr MacAddress mac(std::uint8_t number) { return {2, 0, 0, 0, 0, number}; }
constexpr MacAddress everybody{255, 255, 255, 255, 255, 255};

struct NetworkTest : testing::Test {
    Network network;
    Station a{network, mac(1)}, b{network, mac(2)}, c{network, mac(3)};
};

TEST_F(NetworkTest, AFrameGoesToWhomItIsFor) {
    b.give_buffers(1);
    c.give_buffers(1);
    a.send(mac(2), "hello");
    EXPECT_EQ(b.received(), "hello");
    EXPECT_EQ(c.received(), "nothing");
    a.give_buffers(1);
    b.send(everybody, "who is there");
    EXPECT_EQ(a.received(), "who is there");
    EXPECT_EQ(c.received(), "who is there");
}

TEST_F(NetworkTest, WhatIsLeftToDoReachesTheReceiver) {
    b.give_buffers(8);
    NetHeader header;
    header.flags = net_needs_checksum;
    header.gso_type = gso_tcp4;
    header.header_length = std::uint16_t{54};
    header.gso_size = std::uint16_t{1448};
    header.checksum_start = std::uint16_t{34};
    header.checksum_offset = std::uint16_t{16};
    a.send(mac(2), std::string(3000, 'x'), header);
    EXPECT_NE(b.received(), "nothing");
    EXPECT_EQ(b.last.gso_type, gso_tcp4);
    EXPECT_EQ(b.last.flags, net_needs_checksum);
    EXPECT_EQ(b.last.num_buffers, 2);
}

TEST_F(NetworkTest, AGuestThatTakesNoSegmentsGetsNone) {
    Station plain{network, mac(4), net_mergeable | net_status | net_host_offloads};
    plain.give_buffers(8);
    NetHeader header;
    header.flags = net_needs_checksum;
    header.gso_type = gso_tcp4;
    header.gso_size = std::uint16_t{1448};
    header.checksum_start = std::uint16_t{34};
    header.checksum_offset = std::uint16_t{16};
    a.send(mac(4), std::string(3000, 'x'), header);
    EXPECT_EQ(plain.received(), "nothing");
    EXPECT_EQ(plain.link->port_metrics().refused, 1u);
    header.gso_type = gso_none;
    a.send(mac(4), std::string(300, 'x'), header);
    EXPECT_NE(plain.received(), "nothing");
    EXPECT_EQ(plain.last.flags, 0) << "its checksum was made";
}

TEST_F(NetworkTest, FramesWaitForBuffers) {
    a.send(mac(2), "one");
    a.send(mac(2), "two");
    EXPECT_EQ(b.received(), "nothing");
    b.give_buffers(2);
    EXPECT_EQ(b.received(), "one");
    EXPECT_EQ(b.received(), "two");
}

TEST_F(NetworkTest, AGuestThatGivesNoBuffersHarmsItself) {
    c.give_buffers(8);
    for (int i = 0; i < 2000; ++i) a.send(mac(2), std::string(1000, 'x'));
    EXPECT_GT(b.link->port_metrics().queue_full, 1000u);
    a.send(mac(3), "through");
    EXPECT_EQ(c.received(), "through");
}

TEST_F(NetworkTest, ADriverThatIsGoneLosesWhatWaits) {
    a.send(mac(2), "one");
    b.device.reset();
    EXPECT_EQ(b.link->port_metrics().refused, 1u);
    a.send(mac(2), "two");
    b.bed->start(all_features);
    b.give_buffers(1);
    EXPECT_EQ(b.received(), "nothing");
    a.send(mac(2), "three");
    EXPECT_EQ(b.received(), "three");
}

TEST_F(NetworkTest, NobodySendsInAnothersName) {
    b.give_buffers(1);
    a.address = mac(3);
    a.send(mac(2), "I am c");
    EXPECT_EQ(b.received(), "nothing");
    EXPECT_EQ(a.link->port_metrics().spoofed, 1u);
}

TEST_F(NetworkTest, AnAddressIsOnANetworkOnce) {
    EXPECT_EQ(SwitchLink::join(network, mac(1)), nullptr);
    Network other;
    Station same{other, mac(1)};
    same.give_buffers(1);
    b.send(mac(1), "for a");
    b.send(everybody, "for all here");
    EXPECT_EQ(same.received(), "nothing") << "networks do not touch";
}

}  // namespace
}  // namespace kos::qemu
