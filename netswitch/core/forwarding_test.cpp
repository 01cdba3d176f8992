// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/core/forwarding.hpp"

#include "netswitch/core/testing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::netswitch {
namespace {

using testing::address;
using testing::broadcast;

struct Sender {
    Forwarding forwarding;
    std::uint64_t now = 0;

    Verdict from(unsigned port, const MacAddress& source, const MacAddress& destination) {
        const FrameHeader header{destination, source, {}};
        return forwarding.decide(port, bytes_of(header), now);
    }
};

class ForwardingTest : public ::testing::Test {
   protected:
    ForwardingTest() {
        for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(net_.forwarding.join(address(i)), i);
    }
    Sender net_;
};

TEST_F(ForwardingTest, AKnownUnicastGoesToItsMemberAlone) {
    const Verdict verdict = net_.from(0, address(0), address(2));
    EXPECT_EQ(verdict.to, only(2));
    EXPECT_EQ(verdict.drop, Drop::None);
}

TEST_F(ForwardingTest, BroadcastAndMulticastGoToAllOthers) {
    EXPECT_EQ(net_.from(1, address(1), broadcast).to, only(0) | only(2));
    EXPECT_EQ(net_.from(1, address(1), {0x33, 0x33, 0, 0, 0, 1}).to, only(0) | only(2));
}

TEST_F(ForwardingTest, NobodySendsInAnothersName) {
    for (const MacAddress& source : {address(1), address(9), broadcast}) {
        EXPECT_EQ(net_.from(0, source, address(2)).drop, Drop::Spoofed);
    }
}

TEST_F(ForwardingTest, WhatBridgesKeepGoesNowhere) {
    EXPECT_EQ(net_.from(0, address(0), {0x01, 0x80, 0xc2, 0, 0, 0x0f}).drop, Drop::Reserved);
    EXPECT_EQ(net_.from(0, address(0), {0x01, 0x80, 0xc2, 0, 0, 0x10}).drop, Drop::None);
}

TEST_F(ForwardingTest, WithoutATrunkAnUnknownAddressIsNowhere) {
    EXPECT_EQ(net_.from(0, address(0), address(9)).drop, Drop::Unknown);
    EXPECT_EQ(net_.from(0, address(0), address(0)).drop, Drop::Unknown) << "itself";
}

TEST_F(ForwardingTest, AFrameWithoutAHeaderIsDropped) {
    const std::array<std::byte, 13> frame{};
    EXPECT_EQ(net_.forwarding.decide(0, frame, 0).drop, Drop::Short);
}

TEST_F(ForwardingTest, TrunksLearnAndForget) {
    const unsigned one = net_.forwarding.join(std::nullopt).value_or(max_ports);
    const unsigned two = net_.forwarding.join(std::nullopt).value_or(max_ports);
    EXPECT_EQ(net_.from(0, address(0), address(9)).to, only(one) | only(two));
    EXPECT_EQ(net_.from(one, address(9), address(0)).to, only(0));
    EXPECT_EQ(net_.from(0, address(0), address(9)).to, only(one)) << "learned";
    EXPECT_EQ(net_.from(one, address(8), address(9)).drop, Drop::Unknown) << "not back";
    EXPECT_EQ(net_.from(two, address(9), address(0)).to, only(0)) << "it has moved";
    EXPECT_EQ(net_.from(0, address(0), address(9)).to, only(two));
    net_.now = AddressTable::age_limit;
    EXPECT_EQ(net_.from(0, address(0), address(9)).to, only(one) | only(two)) << "forgotten";
    (void)net_.from(two, address(9), address(0));
    net_.forwarding.leave(two);
    EXPECT_EQ(net_.from(0, address(0), address(9)).to, only(one));
}

TEST_F(ForwardingTest, NoTrunkTakesAMembersPlace) {
    const unsigned trunk = net_.forwarding.join(std::nullopt).value_or(max_ports);
    EXPECT_EQ(net_.from(trunk, address(1), address(0)).drop, Drop::Spoofed);
    EXPECT_EQ(net_.from(0, address(0), address(1)).to, only(1));
}

TEST_F(ForwardingTest, AddressesAreOneMembersAndIndividuals) {
    EXPECT_FALSE(net_.forwarding.join(address(1)));
    EXPECT_FALSE(net_.forwarding.join(broadcast));
    net_.forwarding.leave(1);
    EXPECT_EQ(net_.forwarding.join(address(1)), 1u);
    for (unsigned i = 3; i < max_ports; ++i) EXPECT_TRUE(net_.forwarding.join(address(i)));
    EXPECT_FALSE(net_.forwarding.join(address(max_ports))) << "no port is left";
}

TEST(AddressTableTest, ItIsBoundedAndKeepsWhatWasSeenLast) {
    AddressTable table;
    for (unsigned i = 0; i < 10'000; ++i) {
        const MacAddress one{
            0x02, 0, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
        table.learn(one, i % 8, i);
        ASSERT_EQ(table.find(one, i), i % 8);
    }
    EXPECT_LE(table.size(10'000), AddressTable::capacity);
    EXPECT_GT(table.size(10'000), AddressTable::capacity * 9 / 10);
}

RC_GTEST_PROP(ForwardingPropertyTest, AUnicastReachesAtMostItsOwner, (std::uint32_t seed)) {
    Sender net;
    // Members 0 to 3, trunks 4 and 5; addresses 0 to 7.
    for (unsigned i = 0; i < 4; ++i) RC_ASSERT(net.forwarding.join(address(i)) == i);
    for (unsigned i = 4; i < 6; ++i) RC_ASSERT(net.forwarding.join(std::nullopt) == i);
    for (int i = 0; i < 300; ++i) {
        seed = seed * 1664525 + 1013904223;
        const unsigned port = (seed >> 8) % 6, source = (seed >> 12) % 8, to = (seed >> 16) % 8;
        const Verdict verdict = net.from(port, address(source), address(to));
        RC_ASSERT((verdict.to & only(port)) == 0);
        RC_ASSERT((verdict.to == 0) == (verdict.drop != Drop::None));
        const bool is_own = port < 4 ? source == port : source >= 4;
        RC_ASSERT(is_own == (verdict.drop != Drop::Spoofed));
        if (is_own && to < 4) RC_ASSERT((verdict.to & ~only(to)) == 0);
        if (is_own && to >= 4) RC_ASSERT((verdict.to & 0xf) == 0);
    }
}

}  // namespace
}  // namespace kos::netswitch
