// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/lane.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace kos::message {
namespace {

struct LaneTest : ::testing::Test {
    std::vector<std::uint64_t> words =
        std::vector<std::uint64_t>(lane_size / sizeof(std::uint64_t));
    std::byte* memory = reinterpret_cast<std::byte*>(words.data());
    Lane one{memory, 0}, two{memory, 1};

    static std::string take(const Lane& from, std::size_t size, bool keeps = false) {
        std::string bytes(size, '\0');
        bytes.resize(from.take(std::as_writable_bytes(std::span{bytes}), keeps));
        return bytes;
    }
};

TEST_F(LaneTest, EachEndReadsWhatTheOtherWrites) {
    EXPECT_EQ(one.put(as_bytes("question")), 8u);
    EXPECT_EQ(two.put(as_bytes("answer")), 6u);
    EXPECT_EQ(take(two, 4, true), "ques");
    EXPECT_EQ(take(two, 100), "question");
    EXPECT_EQ(take(one, 3), "ans");
    EXPECT_EQ(one.pending(), 3u);
    EXPECT_EQ(two.pending(), 0u);
}

TEST_F(LaneTest, AFullRingTakesNoMoreUntilSomeIsRead) {
    const std::vector<std::byte> much(lane_ring_size + 1);
    EXPECT_EQ(one.put(much), lane_ring_size);
    EXPECT_EQ(one.room(), 0u);
    EXPECT_EQ(one.put(as_bytes("x")), 0u);
    one.want_room();
    EXPECT_EQ(take(two, 2).size(), 2u);
    EXPECT_TRUE(two.is_room_wanted());
    EXPECT_FALSE(two.is_room_wanted());
    EXPECT_EQ(one.room(), 2u);
}

TEST_F(LaneTest, WhoSleepsIsToldOnce) {
    two.arm(0);
    two.arm(63);
    EXPECT_EQ(one.tell(), 1u | std::uint64_t{1} << 63);
    EXPECT_EQ(one.tell(), 0u);
    EXPECT_EQ(two.changes(), 2u);
    EXPECT_EQ(one.changes(), 0u);
    one.give_back_waiters(2);
    EXPECT_EQ(one.take_waiters(), 2u);
}

RC_GTEST_FIXTURE_PROP(LaneTest, BytesComeInOrder, ()) {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    const auto below = [&](std::size_t limit) { return random() % limit; };
    std::uint64_t written = 0, read = 0;
    constexpr std::size_t period = 251;
    std::string pattern(lane_ring_size + period, '\0');
    for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = static_cast<char>(i % period);
    const auto piece = [&](std::uint64_t at, std::size_t size) {
        return std::string_view{pattern}.substr(at % period, size);
    };
    for (int step = 0; step < 20; ++step) {
        const std::size_t size = below(step % 8 == 0 ? lane_ring_size : 3000);
        written += one.put(as_bytes(piece(written, size)));
        const std::string taken = take(two, below(step % 5 == 0 ? lane_ring_size : 3000));
        RC_ASSERT(taken == piece(read, taken.size()));
        read += taken.size();
        RC_ASSERT(two.pending() == written - read);
        RC_ASSERT(one.room() == lane_ring_size - (written - read));
    }
}

RC_GTEST_FIXTURE_PROP(LaneTest, APeerThatForgesAnythingReachesNothingBeyondTheRings, ()) {
    // What is behind the lane's head and rings stays as it is.
    std::vector<std::uint64_t> guarded(lane_size / sizeof(std::uint64_t) + 2, 0x5a5a5a5a5a5a5a5a);
    auto* const inside = reinterpret_cast<std::byte*>(guarded.data() + 1);
    const Lane lane{inside, 0};
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<std::byte> bytes(5000);
    for (int step = 0; step < 50; ++step) {
        for (std::size_t word = 0; word < sizeof(LaneHead) / sizeof(std::uint64_t); ++word) {
            if (random() % 2 == 0)
                guarded[1 + word] = random() % 4 == 0 ? random() % 9000 : random();
        }
        RC_ASSERT(lane.take(bytes, random() % 2 == 0) <= bytes.size());
        RC_ASSERT(lane.put(bytes) <= bytes.size());
        RC_ASSERT(lane.pending() <= lane_ring_size);
        RC_ASSERT(lane.room() <= lane_ring_size);
        (void)lane.tell();
    }
    RC_ASSERT(guarded.front() == 0x5a5a5a5a5a5a5a5au);
    RC_ASSERT(guarded.back() == 0x5a5a5a5a5a5a5a5au);
}

}  // namespace
}  // namespace kos::message
