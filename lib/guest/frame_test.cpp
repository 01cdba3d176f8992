// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/guest/encode.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace kos::guest {
namespace {

TakenFrame take(const std::string& text) {
    const auto taken = take_frame(as_bytes(text));
    EXPECT_TRUE(taken && *taken);
    return taken && *taken ? **taken : TakenFrame{};
}

TEST(GuestFrameTest, AFrameIsTakenOnlyWhenItIsWhole) {
    const std::string frame = encode(Failed{"KOS-E-USAGE", "no"});
    for (std::size_t size = 0; size < frame.size(); ++size) {
        const auto taken = take_frame(as_bytes(frame).first(size));
        ASSERT_TRUE(taken.ok());
        EXPECT_FALSE(*taken) << size;
    }
    EXPECT_EQ(take(frame + "more").size, frame.size());
}

TEST(GuestFrameTest, AFrameThatIsTooLongIsRefusedBeforeItIsThere) {
    const FrameHead head{static_cast<std::uint32_t>(longest_payload + 1), 0x20, 0};
    const auto taken = take_frame(bytes_of(head));
    ASSERT_FALSE(taken.ok());
    EXPECT_EQ(taken.error(), FrameError::TooLong);
}

TEST(GuestFrameTest, TheReservedFieldIsZero) {
    const FrameHead head{0, 0x10, 1};
    const auto taken = take_frame(bytes_of(head));
    ASSERT_FALSE(taken.ok());
    EXPECT_EQ(taken.error(), FrameError::Reserved);
}

TEST(GuestFrameTest, AnExecIsDecodedAsItWasEncoded) {
    const std::vector<std::string> arguments{"sh", "-c", ""}, environment{"A=1"};
    std::string first, second;
    const std::string frame =
        encode(Exec{"main", Exec::terminal, 25, 80, "/tmp", "1000:100", make_list(arguments, first),
                    make_list(environment, second)});
    const TakenFrame taken = take(frame);
    EXPECT_EQ(taken.frame.type, FrameType::Exec);
    const auto exec = decode<Exec>(taken.frame.payload);
    ASSERT_TRUE(exec);
    EXPECT_EQ(exec->container, "main");
    EXPECT_EQ(exec->columns, 80);
    EXPECT_EQ(exec->user, "1000:100");
    std::vector<std::string> seen;
    exec->arguments.for_each([&](std::string_view text) { seen.emplace_back(text); });
    EXPECT_EQ(seen, arguments);
    EXPECT_EQ(exec->environment.count, 1);
}

TEST(GuestFrameTest, WhatMakesNoSenseIsRefused) {
    std::string storage;
    const TextList none = make_list({}, storage);
    EXPECT_FALSE(decode<Exec>(take(encode(Exec{"a", 0, 0, 0, "", "", none, none})).frame.payload));
    EXPECT_FALSE(decode<Attach>(take(encode(Attach{"a", 8, 0})).frame.payload));
    EXPECT_FALSE(decode<SetTime>(take(encode(SetTime{0, 1'000'000'000})).frame.payload));
    EXPECT_FALSE(decode<Hello>(take(encode(Hello{1, 1})).frame.payload));
    EXPECT_FALSE(decode<Done>(as_bytes("x")));
    using namespace std::string_view_literals;
    EXPECT_FALSE(decode<QueryUsage>(take(encode(QueryUsage{"a\0b"sv})).frame.payload));
}

RC_GTEST_PROP(GuestFrameTest, ACutPayloadIsNoMessage, (const std::string& bytes)) {
    const std::string frame = encode(Log{1, 2, Stream::Error, "web", as_bytes(bytes)});
    const Bytes payload = as_bytes(frame).subspan(sizeof(FrameHead));
    RC_ASSERT(decode<Log>(payload).has_value());
    const auto cut = *rc::gen::inRange<std::size_t>(0, payload.size());
    RC_ASSERT(!decode<Log>(payload.first(cut)).has_value());
}

}  // namespace
}  // namespace kos::guest
