// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/test_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kos::msgserver::testing {
namespace {

namespace flag = message::channel_flag;

struct LanesTest : ::testing::Test {
    TestServer server{three_apps()};
    Client listener = Client::stream(server, 0);

    struct Ends {
        Client client, served;
    };

    void SetUp() override { server.call(0, Call::Listen, listener.number(), 0, 80, 8); }
    Ends connected(std::uint32_t member = 1) {
        Client client = Client::stream(server, member);
        server.call(member, Call::Connect, client.number(), server_address, 80);
        const CallAnswer accepted = server.call(0, Call::Accept, listener.number());
        return {client, {server, 0, static_cast<std::uint32_t>(accepted.words[0])}};
    }
    /// Sends as many rings full as make a lane worth it, or that many, and takes them.
    static void carry(Client& from, Client& to, int rings = 32) {
        const std::string block(message::ring_size, 'c');
        for (int i = 0; i < rings; ++i) {
            EXPECT_EQ(from.write(block), block.size());
            EXPECT_EQ(to.read(), block);
        }
    }
    std::uint32_t lane_of(Client& client, std::uint32_t member) {
        return server.lane_given.at({member, client.number()}).lane;
    }
};

TEST_F(LanesTest, AStreamThatCarriesMuchGetsOneForBothEnds) {
    auto [client, served] = connected();
    EXPECT_EQ(client.write("one"), 3u);
    EXPECT_EQ(client.shared().lane, 0u);
    EXPECT_EQ(served.read(), "one");
    carry(client, served);
    ASSERT_NE(client.shared().lane, 0u);
    EXPECT_EQ(client.shared().lane + served.shared().lane, 3u);
    EXPECT_EQ(server.board(1).lanes, 1u << client.number());
    EXPECT_EQ(lane_of(client, 1), lane_of(served, 0));
    EXPECT_EQ(server.lane_given.at({1, client.number()}).peer,
              (TestServer::Key{0, served.number()}));
    const std::uint32_t taken = client.shared().from_head;
    client.write("straight");
    served.write("and back");
    EXPECT_EQ(client.shared().from_head, taken);
    EXPECT_EQ(served.read(), "straight");
    EXPECT_EQ(client.read(), "and back");
}

TEST_F(LanesTest, WhatTheServerStillHoldsComesFirst) {
    auto [client, served] = connected();
    carry(client, served, 28);
    const std::string block(message::ring_size, 'a');
    std::size_t sent = 0;
    // The reader's ring fills, then the writer's.
    while (const std::size_t count = client.write(block)) sent += count;
    EXPECT_EQ(sent, 2u * message::ring_size);
    EXPECT_EQ(served.read(), block);
    EXPECT_EQ(served.read(), block);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.write(block), block.size());
        EXPECT_EQ(client.write("rest"), 4u);
        if (client.shared().lane != 0) break;
        EXPECT_EQ(served.read().size() + served.read().size(), block.size() + 4);
    }
    ASSERT_NE(client.shared().lane, 0u);
    std::string all;
    for (std::string part; !(part = served.read()).empty();) all += part;
    EXPECT_EQ(all, block + "rest");
}

TEST_F(LanesTest, AnEndComesBehindTheBytesAndALaneIsEmptyBeforeItsNextUse) {
    auto [client, served] = connected();
    carry(client, served);
    client.write("secret");
    client.close();
    EXPECT_FALSE(server.lane_given.contains({1, client.number()}));
    EXPECT_TRUE(served.has(flag::end_of_input));
    const std::byte* const lane = server.lane(0, served.number());
    auto [second, again] = connected();
    carry(second, again);
    EXPECT_NE(server.lane(0, again.number()), lane);  // the first is still in use
    EXPECT_EQ(served.read(), "secret");
    served.write("nobody reads this");
    served.close();
    EXPECT_TRUE(std::all_of(lane, lane + message::lane_size,
                            [](std::byte byte) { return byte == std::byte{0}; }));
    auto [third, more] = connected();
    carry(third, more);
    EXPECT_EQ(server.lane(0, more.number()), lane);
    EXPECT_EQ(third.read(), "");
    EXPECT_EQ(more.read(), "");
}

TEST_F(LanesTest, WhatADeadAppWroteCanBeTakenAndItsNextStartHasNone) {
    auto [client, served] = connected();
    carry(client, served);
    client.write("last words");
    server.engine.set_state(1, 2, true);
    EXPECT_FALSE(server.lane_given.contains({1, client.number()}));
    EXPECT_EQ(server.board(1).lanes, 0u);
    EXPECT_TRUE(served.has(flag::end_of_input));
    EXPECT_TRUE(served.has(flag::no_output));
    EXPECT_EQ(served.read(), "last words");
    served.close();
    EXPECT_TRUE(server.lane_given.empty());
}

TEST_F(LanesTest, WhereThereIsNoneBytesGoThroughTheServer) {
    std::vector<Ends> ends;
    for (int i = 0; i < 3; ++i) {
        ends.push_back(connected());
        carry(ends.back().client, ends.back().served);
    }
    EXPECT_EQ(server.lane_given.size(), 4u);
    EXPECT_EQ(ends[2].client.shared().lane, 0u);
    ends[0].client.close();
    ends[0].served.close();
    carry(ends[2].client, ends[2].served);
    EXPECT_NE(ends[2].client.shared().lane, 0u);
}

TEST_F(LanesTest, AnAppThatCanHaveNoneIsAskedForOnceAStream) {
    server.without_lanes = 0;
    auto [client, served] = connected();
    carry(client, served);
    carry(served, client);
    EXPECT_TRUE(server.lane_given.empty());
    EXPECT_EQ(client.shared().lane, 0u);
    EXPECT_EQ(server.board(1).lanes, 0u);
}

TEST_F(LanesTest, AnAppHasNoneWithItself) {
    auto [client, served] = connected(0);
    carry(client, served);
    EXPECT_TRUE(server.lane_given.empty());
    EXPECT_EQ(client.shared().lane, 0u);
}

TEST_F(LanesTest, AHalfGivenOneIsTakenBackFromBothAndLostWhereThatFails) {
    server.without_lanes = 0;
    server.keeps_lanes = true;
    for (int i = 0; i < 2; ++i) {
        auto [client, served] = connected();
        carry(client, served);
        EXPECT_EQ(client.shared().lane, 0u);
    }
    // Both lanes may still be mapped: there is none any more.
    server.lane_given.clear();
    server.without_lanes = 0xffff;
    server.keeps_lanes = false;
    auto [client, served] = connected();
    carry(client, served);
    EXPECT_EQ(client.shared().lane, 0u);
}

TEST_F(LanesTest, OneThatIsPerhapsStillMappedIsNotUsedAgain) {
    auto [client, served] = connected();
    carry(client, served);
    const std::uint32_t lane = lane_of(client, 1);
    server.keeps_lanes = true;
    client.close();
    served.close();
    server.keeps_lanes = false;
    server.lane_given.clear();
    for (int i = 0; i < 2; ++i) {
        auto [next, peer] = connected();
        carry(next, peer);
        ASSERT_EQ(next.shared().lane != 0, i == 0);
        if (i == 0) {
            EXPECT_NE(lane_of(next, 1), lane);
        }
    }
}

TEST_F(LanesTest, TheServerWakesWhomAnAppCannot) {
    auto [client, served] = connected();
    carry(client, served);
    served.lane()->arm(9);
    server.woken.clear();
    client.write("x");
    client.write("y");
    EXPECT_EQ(server.woken, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 9}}));
}

}  // namespace
}  // namespace kos::msgserver::testing
