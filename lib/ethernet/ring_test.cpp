// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/ethernet/ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace kos::ethernet {
namespace {

struct RingTest : ::testing::Test {
    std::vector<std::byte> memory = std::vector<std::byte>(ring_size);
    RingWriter writer{memory.data()};
    RingReader reader{memory.data()};
    std::vector<std::byte> buffer = std::vector<std::byte>(largest_packet);

    bool put(const std::string& packet) {
        if (!writer.fits(static_cast<std::uint32_t>(packet.size()), reader.head())) return false;
        writer.begin(static_cast<std::uint32_t>(packet.size()));
        writer.add(as_bytes(packet).first(packet.size() / 3));
        writer.add(as_bytes(packet).subspan(packet.size() / 3));
        writer.end();
        return true;
    }
    std::string take() {
        if (reader.next(writer.tail()) != Next::Packet) return "nothing";
        const std::string copy{as_text(reader.copy(buffer))};
        const std::string seen{as_text(reader.packet(buffer))};
        EXPECT_EQ(copy, seen);
        reader.pop();
        return seen;
    }
};

TEST_F(RingTest, PacketsComeOutAsTheyWentIn) {
    EXPECT_EQ(reader.next(writer.tail()), Next::None);
    EXPECT_TRUE(put("one"));
    EXPECT_TRUE(put(""));
    EXPECT_TRUE(put("three"));
    EXPECT_EQ(take(), "one");
    EXPECT_EQ(take(), "");
    EXPECT_EQ(take(), "three");
    EXPECT_EQ(take(), "nothing");
}

TEST_F(RingTest, ItIsAQueueThatHoldsTheLargestPacketWhereverItIs) {
    std::deque<std::string> model;
    std::uint32_t seed = 1;
    const auto next = [&seed](unsigned below) {
        seed = seed * 1664525 + 1013904223;
        return (seed >> 10) % below;
    };
    for (int i = 0; i < 3000; ++i) {
        const std::string packet(next(8) == 0 ? largest_packet : next(3000),
                                 static_cast<char>('a' + i % 26));
        const bool was_empty = model.empty();
        if (put(packet)) {
            model.push_back(packet);
        } else {
            EXPECT_FALSE(was_empty);
        }
        while (!model.empty() && next(3) != 0) {
            ASSERT_EQ(take(), model.front());
            model.pop_front();
        }
    }
}

TEST_F(RingTest, AReaderThatIsAheadOrFarBehindMakesNoRoom) {
    EXPECT_TRUE(put("one"));
    EXPECT_FALSE(writer.fits(1, writer.tail() + 8));
    EXPECT_FALSE(writer.fits(1, writer.tail() - ring_size - 8));
}

TEST_F(RingTest, WhatCannotBeAPacketIsNonsense) {
    EXPECT_EQ(reader.next(ring_size + 8), Next::Nonsense);
    EXPECT_EQ(reader.next(0u - 8), Next::Nonsense) << "the writer is behind";
    EXPECT_EQ(reader.next(4), Next::Nonsense);
    EXPECT_TRUE(put("one"));
    const auto say = [this](std::uint32_t size) { std::memcpy(memory.data(), &size, sizeof size); };
    say(9);
    EXPECT_EQ(reader.next(writer.tail()), Next::Nonsense) << "longer than what was put";
    say(largest_packet + 1);
    EXPECT_EQ(reader.next(ring_size), Next::Nonsense);
    say(0xffff'fffc);
    EXPECT_EQ(reader.next(ring_size), Next::Nonsense);
    say(8);
    EXPECT_EQ(reader.next(writer.tail()), Next::Packet);
}

}  // namespace
}  // namespace kos::ethernet
