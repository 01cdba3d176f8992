// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/time/clock.hpp"

#include "libos/core/platform.hpp"
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace kos::libos {
namespace {

using testing::address_of;
namespace number = testing::number;

RC_GTEST_PROP(ClockTest, ADeadlineIsNeverEarlyAndAtMostATickLate, ()) {
    const auto hz = *rc::gen::inRange<std::uint64_t>(1'000'000, 1'000'000'000);
    const auto nanoseconds = *rc::gen::inRange<std::uint64_t>(0, 1ull << 60);
    const Clock clock{hz, 0};
    const std::uint64_t counter = clock.counter(nanoseconds);
    RC_ASSERT(clock.nanoseconds(counter) + 1 >= nanoseconds);
    if (counter > 0) RC_ASSERT(clock.nanoseconds(counter - 1) <= nanoseconds);
}

TEST(ClockTest, TimesFarAheadSaturate) {
    const Clock clock{62'500'000, 0};
    EXPECT_EQ(clock.deadline_in(std::numeric_limits<std::uint64_t>::max() / 2) > read_counter(),
              true);
    EXPECT_EQ(to_nanoseconds({std::numeric_limits<std::int64_t>::max(), 0}).value(),
              std::numeric_limits<std::uint64_t>::max());
}

TEST(ClockTest, MalformedTimesAreRefused) {
    EXPECT_EQ(to_nanoseconds({-1, 0}).error(), Errno::Einval);
    EXPECT_EQ(to_nanoseconds({0, 1'000'000'000}).error(), Errno::Einval);
    EXPECT_EQ(to_nanoseconds({0, -1}).error(), Errno::Einval);
}

TEST(ClockCallsTest, ClocksRunForwards) {
    testing::App app;
    abi::TimeSpec before{}, after{};
    app.must_call(number::clock_gettime, {1, address_of(&before)});
    const abi::TimeSpec duration{0, 2'000'000};
    app.must_call(number::nanosleep, {address_of(&duration), 0});
    app.must_call(number::clock_gettime, {1, address_of(&after)});
    EXPECT_GE(to_nanoseconds(after).value() - to_nanoseconds(before).value(), 2'000'000u);
    EXPECT_EQ(app.error_of(number::clock_gettime, {77, address_of(&after)}), Errno::Einval);
}

TEST(ClockCallsTest, SleepsUntilATime) {
    testing::App app;
    abi::TimeSpec time{};
    app.must_call(number::clock_gettime, {1, address_of(&time)});
    time.nanoseconds += 1'000'000;
    if (time.nanoseconds >= 1'000'000'000) time = {time.seconds + 1, 0};
    app.must_call(number::clock_nanosleep, {1, abi::timer_absolute, address_of(&time), 0});
    abi::TimeSpec after{};
    app.must_call(number::clock_gettime, {1, address_of(&after)});
    EXPECT_GE(to_nanoseconds(after).value(), to_nanoseconds(time).value());
}

}  // namespace
}  // namespace kos::libos
