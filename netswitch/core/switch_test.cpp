// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/core/switch.hpp"

#include "netswitch/core/testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::netswitch {
namespace {

using testing::address;
using testing::broadcast;
using ::testing::ElementsAre;
using testing::KeepingPort;
using testing::packet;

class SwitchTest : public ::testing::Test {
   protected:
    SwitchTest() {
        for (unsigned i = 0; i < ports_.size(); ++i) {
            EXPECT_TRUE(switch_.join(ports_[i], address(i)));
        }
    }
    void send(unsigned from, const MacAddress& to, std::string_view content) {
        switch_.receive(ports_[from], packet(to, address(from), content), 0);
    }

    std::array<KeepingPort, 3> ports_;
    Switch switch_;
};

TEST_F(SwitchTest, PacketsArriveWithTheirHeads) {
    auto sent = packet(address(1), address(0), "hello");
    sent[0] = std::byte{7};
    switch_.receive(ports_[0], sent, 0);
    ASSERT_EQ(ports_[1].taken.size(), 1u);
    EXPECT_EQ(ports_[1].taken[0], sent);
    EXPECT_TRUE(ports_[2].taken.empty());
    EXPECT_EQ(ports_[0].metrics().received, 1u);
    EXPECT_EQ(ports_[1].metrics().sent, 1u);
}

TEST_F(SwitchTest, WhatASlowPortDoesNotTakeWaitsInOrder) {
    ports_[1].answer = Taking::Later;
    send(0, address(1), "one");
    send(2, broadcast, "two");
    ports_[1].answer = Taking::Done;
    send(0, address(1), "three");
    EXPECT_TRUE(ports_[1].taken.empty()) << "nothing goes before what waits";
    EXPECT_THAT(ports_[0].contents(), ElementsAre("two")) << "others do not wait";
    switch_.ready(ports_[1]);
    EXPECT_THAT(ports_[1].contents(), ElementsAre("one", "two", "three"));
    EXPECT_FALSE(ports_[1].has_waiting());
}

TEST_F(SwitchTest, AStuckPortHarmsItself) {
    ports_[1].answer = Taking::Later;
    for (int i = 0; i < 1000; ++i) {
        send(0, address(1), std::string(100, 'x'));
        send(0, address(2), "through");
    }
    EXPECT_EQ(ports_[2].taken.size(), 1000u);
    EXPECT_GT(ports_[1].metrics().queue_full, 900u);
    send(2, address(1), "there is room for others");
    ports_[1].answer = Taking::Done;
    switch_.ready(ports_[1]);
    EXPECT_EQ(ports_[1].contents().back(), "there is room for others");
}

TEST_F(SwitchTest, ARefusedPacketIsGone) {
    ports_[1].answer = Taking::Later;
    send(0, address(1), "one");
    ports_[1].answer = Taking::Refused;
    switch_.ready(ports_[1]);
    send(0, address(1), "two");
    EXPECT_FALSE(ports_[1].has_waiting());
    EXPECT_EQ(ports_[1].metrics().refused, 2u);
}

TEST_F(SwitchTest, WhoHasLeftNeitherSendsNorReceives) {
    ports_[1].answer = Taking::Later;
    send(0, address(1), "one");
    switch_.leave(ports_[1]);
    EXPECT_FALSE(ports_[1].has_waiting());
    send(1, broadcast, "late");
    send(0, address(1), "two");
    EXPECT_TRUE(ports_[0].taken.empty());
    EXPECT_EQ(ports_[0].metrics().misdirected, 1u);
    KeepingPort again;
    EXPECT_TRUE(switch_.join(again, address(1)));
    send(0, address(1), "three");
    EXPECT_THAT(again.contents(), ElementsAre("three"));
}

TEST_F(SwitchTest, ASpoofedOrShortPacketIsCounted) {
    switch_.receive(ports_[0], packet(address(2), address(1), "not me"), 0);
    switch_.receive(ports_[0], Bytes{}, 0);
    EXPECT_TRUE(ports_[2].taken.empty());
    EXPECT_EQ(ports_[0].metrics().spoofed, 1u);
    EXPECT_EQ(ports_[0].metrics().misdirected, 1u);
}

TEST_F(SwitchTest, AnAddressThatIsTakenDoesNotJoin) {
    KeepingPort other;
    EXPECT_FALSE(switch_.join(other, address(1)));
    switch_.receive(other, packet(address(0), address(1), "x"), 0);
    EXPECT_TRUE(ports_[0].taken.empty());
}

}  // namespace
}  // namespace kos::netswitch
