// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/ports/engine.hpp"

#include "netswitch/ports/testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace kos::netswitch {
namespace {

using testing::address;
using testing::broadcast;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestMember;
using testing::TestNetwork;

struct EngineTest : ::testing::Test {
    EngineTest() {
        for (TestMember* member : {&a, &b, &c}) EXPECT_EQ(member->attach(), Errno::Ok);
    }

    TestNetwork network{3};
    TestMember a{network, 0}, b{network, 1}, c{network, 2};
};

TEST_F(EngineTest, APacketGoesToWhomItIsFor) {
    EXPECT_EQ(a.send(address(1), "hello"), Errno::Ok);
    EXPECT_EQ(b.send(broadcast, "who is there"), Errno::Ok);
    EXPECT_THAT(b.receive(), ElementsAre("hello"));
    EXPECT_THAT(a.receive(), ElementsAre("who is there"));
    EXPECT_THAT(c.receive(), ElementsAre("who is there"));
}

TEST_F(EngineTest, OneCallTakesAllThatWasPut) {
    for (const char* content : {"one", "two", "three"}) {
        EXPECT_TRUE(a.put(testing::packet(address(1), address(0), content)));
    }
    EXPECT_EQ(a.kick(), Errno::Ok);
    EXPECT_THAT(b.receive(), ElementsAre("one", "two", "three"));
}

TEST_F(EngineTest, WhoSleepsIsWokenOnce) {
    a.send(address(1), "one");
    EXPECT_EQ(network.woken[1], 0) << "it does not sleep";
    network.board(1).wants_signal = 1;
    a.send(address(1), "two");
    a.send(address(1), "three");
    EXPECT_EQ(network.woken[1], 1);
    EXPECT_THAT(b.receive(), ElementsAre("one", "two", "three"));
}

TEST_F(EngineTest, WhatAVmmDoesNotTakeWaitsThenIsDroppedAndHarmsNobodyElse) {
    const std::string large(60'000, 'x');
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(a.send(address(1), large), Errno::Ok);
        EXPECT_EQ(a.send(address(2), "through"), Errno::Ok);
        EXPECT_THAT(c.receive(), ElementsAre("through"));
    }
    EXPECT_GT(network.engine.metrics(1).queue_full, 40u);
    EXPECT_EQ(c.send(address(1), "there is room for others"), Errno::Ok);
    std::vector<std::string> got;
    for (;;) {
        const auto part = b.receive();
        got.insert(got.end(), part.begin(), part.end());
        if (!b.is_to_kick()) break;
        EXPECT_EQ(b.kick(), Errno::Ok);
    }
    EXPECT_EQ(got.back(), "there is room for others");
    EXPECT_THAT(b.receive(), IsEmpty());
}

TEST_F(EngineTest, ARestartedVmmHasAnEmptyPort) {
    a.send(address(1), "for the one before");
    network.engine.detach(1);
    a.send(address(1), "for nobody");
    EXPECT_EQ(b.kick(), Errno::NotConnected);
    EXPECT_EQ(b.attach(), Errno::Ok);
    EXPECT_THAT(b.receive(), IsEmpty());
    a.send(address(1), "for this one");
    EXPECT_THAT(b.receive(), ElementsAre("for this one"));
    EXPECT_EQ(b.send(address(0), "back"), Errno::Ok);
    EXPECT_THAT(a.receive(), ElementsAre("back"));
}

TEST_F(EngineTest, NobodySendsInAnothersName) {
    EXPECT_TRUE(a.put(testing::packet(address(1), address(2), "I am c")));
    EXPECT_EQ(a.kick(), Errno::Ok);
    EXPECT_THAT(b.receive(), IsEmpty());
    EXPECT_EQ(network.engine.metrics(0).spoofed, 1u);
}

TEST_F(EngineTest, AForgedPositionClosesTheForgersPortAlone) {
    for (const std::uint32_t tail : {ethernet::ring_size + 8, 3u, 0xffff'fff8u}) {
        EXPECT_EQ(a.attach(), Errno::Ok);
        network.board(0).from_tail = tail;
        EXPECT_EQ(a.kick(), Errno::NotConnected) << tail;
        EXPECT_EQ(a.kick(), Errno::NotConnected) << tail;
    }
    EXPECT_EQ(network.broken[0], 3);
    EXPECT_EQ(b.send(address(2), "we go on"), Errno::Ok);
    EXPECT_THAT(c.receive(), ElementsAre("we go on"));
    EXPECT_EQ(a.attach(), Errno::Ok);
    EXPECT_EQ(a.send(address(1), "so do I"), Errno::Ok);
    EXPECT_THAT(b.receive(), ElementsAre("so do I"));
}

TEST_F(EngineTest, AForgedReaderGetsNothingMore) {
    network.board(1).to_head = 8;
    EXPECT_EQ(a.send(address(1), "one"), Errno::Ok);
    EXPECT_EQ(b.kick(), Errno::Ok);
    EXPECT_EQ(network.board(1).to_tail, 0u);
}

TEST_F(EngineTest, WhatIsNoCallIsRefused) {
    EXPECT_EQ(network.engine.call(0, ethernet::Call{7}), Errno::Invalid);
    EXPECT_EQ(network.engine.call(3, ethernet::Call::Attach), Errno::Invalid);
}

}  // namespace
}  // namespace kos::netswitch
