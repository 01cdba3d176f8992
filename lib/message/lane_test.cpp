// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/lane.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <span>
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
    static std::string take_record(const Lane& from) {
        const auto record = from.next_record();
        if (!record) return "nothing";
        std::string bytes(record->size, '\0');
        from.copy_record(*record, std::as_writable_bytes(std::span{bytes}));
        from.drop_record(*record);
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

TEST_F(LaneTest, RecordsKeepTheirBoundsAndKinds) {
    EXPECT_FALSE(two.next_record());
    ASSERT_TRUE(one.put_record(RecordKind::Message, as_bytes("hello")));
    ASSERT_TRUE(one.put_record(RecordKind::Message, {}));
    ASSERT_TRUE(one.put_record(RecordKind::Ticket, as_bytes("0123456789abcdef")));
    EXPECT_EQ(take_record(two), "hello");
    EXPECT_EQ(take_record(two), "");
    const auto ticket = two.next_record();
    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->kind, RecordKind::Ticket);
    EXPECT_EQ(take_record(two), "0123456789abcdef");
    EXPECT_FALSE(two.next_record());
}

TEST_F(LaneTest, ARecordIsPutWholeOrNotAtAll) {
    const std::string message(longest_message, 'm');
    std::uint64_t count = 0;
    while (one.put_record(RecordKind::Message, as_bytes(message))) ++count;
    EXPECT_EQ(count, lane_ring_size / longest_record);
    EXPECT_EQ(two.pending(), count * longest_record);
    EXPECT_EQ(take_record(two), message);
    EXPECT_TRUE(one.put_record(RecordKind::Message, as_bytes(message)));
    while (two.next_record()) EXPECT_EQ(take_record(two), message);
}

TEST_F(LaneTest, WhatIsNoRecordIsThrownAwayWithAllThatWaits) {
    auto& tail = reinterpret_cast<LaneHead*>(memory)->ends[0].tail;
    const RecordHead heads[] = {{longest_message + 1, 0}, {8, 2}, {15, 1}, {0xffff'ffff, 0}};
    for (const RecordHead& head : heads) {
        one.put(bytes_of(head));
        one.put(bytes_of(std::array<std::byte, 8192>{}));
        EXPECT_FALSE(two.next_record());
        EXPECT_EQ(two.pending(), 0u);
        ASSERT_TRUE(one.put_record(RecordKind::Message, as_bytes("next")));
        EXPECT_EQ(take_record(two), "next");
    }
    one.put(as_bytes("cut"));
    EXPECT_FALSE(two.next_record());
    one.put(bytes_of(RecordHead{9, 0}));
    EXPECT_FALSE(two.next_record());
    for (const std::uint64_t position : {tail + lane_ring_size + 8, tail - 8}) {
        tail = position;
        EXPECT_FALSE(two.next_record());
        EXPECT_EQ(two.pending(), 0u);
    }
}

RC_GTEST_FIXTURE_PROP(LaneTest, RecordsComeInOrder, ()) {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    // From anywhere in the ring: records lie around its end.
    auto* const head = reinterpret_cast<LaneHead*>(memory);
    head->ends[0].tail = head->ends[1].head = lane_ring_size * 3 - random() % 20'000 / 8 * 8;
    std::uint32_t written = 0, read = 0;
    const auto text_of = [](std::uint32_t number) {
        return std::to_string(number) + std::string(number * 37 % 4000, 'r');
    };
    for (int step = 0; step < 60; ++step) {
        for (std::uint32_t i = random() % 8; i > 0; --i) {
            if (one.put_record(RecordKind::Message, as_bytes(text_of(written)))) ++written;
        }
        for (std::uint32_t i = random() % 8; i > 0 && read < written; --i) {
            RC_ASSERT(take_record(two) == text_of(read++));
        }
    }
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

/// A lane of which every word is known, with one more before it and one behind it.
struct ForgedLaneTest : ::testing::Test {
    static constexpr std::uint64_t guard = 0x5a5a'5a5a'5a5a'5a5a;
    static constexpr std::size_t head_words = sizeof(LaneHead) / sizeof(std::uint64_t);
    static constexpr std::size_t ring_words = lane_ring_size / sizeof(std::uint64_t);
    static constexpr std::size_t first_ring = 1 + page_size / sizeof(std::uint64_t);

    std::vector<std::uint64_t> words =
        std::vector<std::uint64_t>(lane_size / sizeof(std::uint64_t) + 2, guard);
    static inline std::size_t records = 0;  // that were found in all cases

    static void TearDownTestSuite() { EXPECT_GT(records, 0u); }

    std::span<std::uint64_t> head() { return std::span{words}.subspan(1, head_words); }
    std::span<std::uint64_t> ring(unsigned end) {
        return std::span{words}.subspan(first_ring + end * ring_words, ring_words);
    }
    /// Behind the head, the rest of its page; and what is before and behind the lane.
    bool are_guards_whole() {
        const auto rest = std::span{words}.first(first_ring).subspan(1 + head_words);
        return words.front() == guard && words.back() == guard &&
               std::ranges::count(rest, guard) == std::ssize(rest);
    }
};

RC_GTEST_FIXTURE_PROP(ForgedLaneTest, APeerThatForgesAnythingReachesNothingBeyondTheRings, ()) {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const unsigned end = random() % 2;
    const Lane lane{reinterpret_cast<std::byte*>(words.data() + 1), end};
    std::vector<std::byte> bytes(5000);
    std::vector<std::uint64_t> written_by_peer(ring_words, guard);
    for (int step = 0; step < 50; ++step) {
        for (std::uint64_t& word : head()) {
            // Positions near the end of the ring, mostly where records may begin, or anything.
            std::uint64_t near_end = lane_ring_size - 9000 + random() % 9000;
            if (random() % 4 != 0) near_end = near_end / 8 * 8;
            if (random() % 2 == 0) word = random() % 4 == 0 ? random() : near_end;
        }
        RC_ASSERT(lane.take(bytes, random() % 2 == 0) <= bytes.size());
        RC_ASSERT(lane.put(bytes) <= bytes.size());
        RC_ASSERT(lane.pending() <= lane_ring_size);
        RC_ASSERT(lane.room() <= lane_ring_size);
        const std::uint64_t taken = head()[end * sizeof(LaneEnd) / sizeof(std::uint64_t) + 1];
        const std::size_t at = taken % lane_ring_size / sizeof(std::uint64_t);
        ring(1 - end)[at] = written_by_peer[at] = random() % 9000;
        if (const auto record = lane.next_record()) {
            ++records;
            RC_ASSERT(record->size <= longest_message);
            lane.copy_record(*record, bytes);
            lane.drop_record(*record);
        }
        (void)lane.put_record(RecordKind::Message, Bytes{bytes}.first(random() % longest_message));
        (void)lane.tell();
    }
    RC_ASSERT(std::ranges::equal(ring(1 - end), written_by_peer));
    RC_ASSERT(are_guards_whole());
}

}  // namespace
}  // namespace kos::message
