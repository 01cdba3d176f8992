// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Guests' drivers, and a switch between their VMMs.
#include "vmm/network/port_link.hpp"

#include "netswitch/ports/testing.hpp"
#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace kos::vmm {
namespace {

using namespace virtio;
using netswitch::testing::address;
using netswitch::testing::TestNetwork;

constexpr Features all_features =
    net_mergeable | net_status | net_host_offloads | net_guest_offloads;

class EngineSwitch final : public SwitchCalls {
   public:
    EngineSwitch(TestNetwork& network, std::uint32_t member) : network_(network), member_(member) {}
    [[nodiscard]] std::byte* area() const override { return network_.area(member_); }
    bool call(ethernet::Call call) override {
        ++calls;
        return network_.engine.call(member_, call) == netswitch::Errno::Ok;
    }

    int calls = 0;

   private:
    TestNetwork& network_;
    std::uint32_t member_;
};

struct Station {
    Station(TestNetwork& network, std::uint32_t number)
        : mac(address(number)), calls(network, number), link(calls, buffer), device(link, mac) {
        link.attach(device);
        EXPECT_TRUE(link.open());
        bed.emplace(device, all_features);
    }
    void give_buffers(int count, std::uint32_t size = 2000) {
        for (int i = 0; i < count; ++i) bed->chain(0).writable(size).submit();
        bed->notify(0);
    }
    /// Gives the device a frame; tend() sends it.
    void queue(const MacAddress& to, const std::string& content) {
        std::string frame;
        frame.append(reinterpret_cast<const char*>(to.data()), to.size());
        frame.append(reinterpret_cast<const char*>(mac.data()), mac.size());
        frame += "\x88\xb5" + content;
        bed->chain(1).readable(NetHeader{}).readable(frame).submit();
        bed->notify(1);
        (void)bed->queue(1).used();
    }
    void send(const MacAddress& to, const std::string& content) {
        queue(to, content);
        EXPECT_TRUE(link.tend());
    }
    std::string received() {
        const auto used = bed->queue(0).used();
        if (!used) return "nothing";
        return std::string{as_text(used->answer).substr(sizeof(NetHeader) + 14)};
    }

    MacAddress mac;
    std::vector<std::byte> buffer = std::vector<std::byte>(ethernet::largest_packet);
    EngineSwitch calls;
    PortLink link;
    Net device;
    std::optional<DeviceBed> bed;
};

struct PortLinkTest : ::testing::Test {
    TestNetwork network{3};
    Station a{network, 0}, b{network, 1}, c{network, 2};
};

TEST_F(PortLinkTest, AFrameGoesToWhomItIsFor) {
    b.give_buffers(1);
    c.give_buffers(1);
    EXPECT_TRUE(b.link.tend());
    a.send(address(1), "hello");
    EXPECT_EQ(network.woken[1], 1);
    EXPECT_TRUE(b.link.tend());
    EXPECT_TRUE(c.link.tend());
    EXPECT_EQ(b.received(), "hello");
    EXPECT_EQ(c.received(), "nothing");
}

TEST_F(PortLinkTest, SeveralFramesGoWithOneCall) {
    a.calls.calls = 0;
    for (int i = 0; i < 20; ++i) a.queue(address(1), "x");
    EXPECT_EQ(a.calls.calls, 0);
    EXPECT_TRUE(a.link.tend());
    EXPECT_EQ(a.calls.calls, 1);
    b.give_buffers(20);
    EXPECT_TRUE(b.link.tend());
    for (int i = 0; i < 20; ++i) EXPECT_EQ(b.received(), "x");
}

TEST_F(PortLinkTest, MoreThanARingHoldsIsSentAsItFills) {
    for (int i = 0; i < 100; ++i) {
        a.queue(address(1), std::string(50'000, 'x'));
        a.queue(address(2), "small");
    }
    EXPECT_TRUE(a.link.tend());
    EXPECT_EQ(a.link.lost(), 0u);
    EXPECT_GT(network.engine.metrics(1).queue_full, 50u) << "the other end takes none";
    EXPECT_EQ(network.engine.metrics(2).sent + network.engine.metrics(2).queue_full, 100u);
}

TEST_F(PortLinkTest, FramesWaitForBuffersInTheirOrder) {
    for (int i = 0; i < 400; ++i) a.send(address(1), std::to_string(i) + std::string(500, ' '));
    EXPECT_TRUE(b.link.tend());
    EXPECT_EQ(b.received(), "nothing");
    for (int i = 0; i < 400; i += 10) {
        b.give_buffers(10);
        for (int j = i; j < i + 10; ++j) EXPECT_EQ(std::stoi(b.received()), j);
    }
    EXPECT_TRUE(b.link.tend());
    EXPECT_EQ(b.received(), "nothing");
}

TEST_F(PortLinkTest, AFloodDoesNotKeepAGuestFromRunning) {
    b.give_buffers(4, 60'000);
    for (int i = 0; i < 4; ++i) a.send(address(1), std::string(50'000, 'x'));
    EXPECT_FALSE(b.link.tend()) << "it is to come again";
    while (!b.link.tend()) {
    }
    EXPECT_EQ(b.device.net_metrics().received, 4u);
}

TEST_F(PortLinkTest, ADriverThatIsGoneLosesWhatWaits) {
    a.send(address(1), "one");
    EXPECT_TRUE(b.link.tend());
    b.device.reset();
    a.send(address(1), "two");
    EXPECT_TRUE(b.link.tend());
    b.bed->start(all_features);
    b.give_buffers(1);
    EXPECT_TRUE(b.link.tend());
    EXPECT_EQ(b.received(), "nothing");
    a.send(address(1), "three");
    EXPECT_TRUE(b.link.tend());
    EXPECT_EQ(b.received(), "three");
}

TEST_F(PortLinkTest, APortThatTheSwitchClosedLeadsNowhere) {
    network.engine.detach(0);
    a.send(address(1), "one");
    a.send(address(1), "two");
    b.give_buffers(1);
    EXPECT_TRUE(b.link.tend());
    EXPECT_EQ(b.received(), "nothing");
}

}  // namespace
}  // namespace kos::vmm
