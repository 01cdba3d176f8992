// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/timeline.hpp"

#include "rootserver/testing/test_system.hpp"

#include <gtest/gtest.h>

#include <map>

namespace kos::rootserver {
namespace {

using namespace testing;
using msg::Phase;
using msg::TimingsRecord;

std::uint64_t end_of(const TimingsRecord& record, Phase phase) {
    return record.ends[static_cast<std::size_t>(phase)];
}
std::uint32_t invocations_of(const TimingsRecord& record, Phase phase) {
    return record.invocations[static_cast<std::size_t>(phase) - msg::first_counted_phase];
}

std::uint64_t time = 0;
Clock clock_at_time() {
    return {[] { return time; }, 1'000};
}

/// Ended up to Map at counter value 50; it is 100 now.
Timeline mapped_at_50() {
    time = 10;
    Timeline timeline{BootParameters{}, clock_at_time()};
    for (const Phase phase : {Phase::Inventory, Phase::Turn, Phase::Plan, Phase::Map}) {
        time += 10;
        timeline.end(phase);
    }
    time = 100;
    return timeline;
}

TEST(TimelineTest, WhatTheShimToldComesFirst) {
    BootParameters parameters;
    parameters.shim_entered = 3;
    parameters.kernel_entered = 5;
    time = 7;
    const Timeline timeline{parameters, clock_at_time()};
    EXPECT_EQ(timeline.record().counter_hz, 1'000u);
    EXPECT_EQ(end_of(timeline.record(), Phase::Firmware), 3u);
    EXPECT_EQ(end_of(timeline.record(), Phase::Shim), 5u);
    EXPECT_EQ(end_of(timeline.record(), Phase::Kernel), 7u);
    EXPECT_EQ(end_of(timeline.record(), Phase::Inventory), TimingsRecord::unknown);
}

TEST(TimelineTest, AShimThatToldNothingLeavesItsPhasesUnknown) {
    const Timeline timeline = mapped_at_50();
    EXPECT_EQ(end_of(timeline.record(), Phase::Firmware), TimingsRecord::unknown);
    EXPECT_EQ(end_of(timeline.record(), Phase::Shim), TimingsRecord::unknown);
    EXPECT_EQ(end_of(timeline.record(), Phase::Map), 50u);
}

TEST(TimelineTest, TheAppTellsItsTwoFirstInstructionsOnce) {
    Timeline timeline = mapped_at_50();
    for (const std::uint64_t told : {60u, 60u, 70u, 80u}) timeline.app_was_at(told);
    EXPECT_EQ(end_of(timeline.record(), Phase::Start), 60u);
    EXPECT_EQ(end_of(timeline.record(), Phase::Libos), 70u);
}

TEST(TimelineTest, AnAppIsNotBelievedWhatCannotBe) {
    Timeline timeline = mapped_at_50();
    for (const std::uint64_t told :
         {std::uint64_t{0}, std::uint64_t{49}, std::uint64_t{101}, TimingsRecord::unknown}) {
        timeline.app_was_at(told);
        EXPECT_EQ(end_of(timeline.record(), Phase::Start), TimingsRecord::unknown);
    }
    timeline.app_was_at(60);
    timeline.app_was_at(55);
    EXPECT_EQ(end_of(timeline.record(), Phase::Libos), TimingsRecord::unknown);
}

/// An app that tells as libos does.
void tell_and_exit(const TestSystem& system) {
    const std::uint64_t libos = system.now();
    (void)request(0, native::Request::SetTimer,
                  {libos + TestSystem::ticks_per_millisecond(), 0, 0, libos});
    (void)sel4::wait(native::app_slot::notification(0));
    (void)request(0, native::Request::Exit, {0, 0, 0, system.now()});
}

TEST(TimelineTest, EveryAppsFirstStartIsTold) {
    TestApp first, second;
    first.restart = manifest::RestartPolicy::Always;
    first.restart_limit = 2;
    TestSystem system{{first, second}};
    ASSERT_TRUE(system.boot());
    system.set_app([&](sim::Thread&) { tell_and_exit(system); });
    system.server().run();

    std::map<std::uint8_t, TimingsRecord> records;
    for (const ConsoleFrame& frame : system.frames()) {
        if (frame.type != msg::FrameType::Timings) continue;
        EXPECT_FALSE(records.contains(frame.app));
        records[frame.app] = *read_at<TimingsRecord>(as_bytes(frame.payload), 0);
    }
    ASSERT_EQ(records.size(), 2u);
    for (const auto& [app, record] : records) {
        for (auto phase = static_cast<std::size_t>(Phase::Kernel) + 1; phase < msg::phase_count;
             ++phase) {
            EXPECT_GE(record.ends[phase], record.ends[phase - 1]) << phase;
        }
        EXPECT_NE(end_of(record, Phase::Libos), TimingsRecord::unknown);
        EXPECT_GT(invocations_of(record, Phase::Inventory), 0u);
        EXPECT_EQ(invocations_of(record, Phase::Plan), 0u);
        EXPECT_EQ(invocations_of(record, Phase::Start), 1u);
    }
    const auto usage = system.records<msg::UsageRecord>(msg::FrameType::Started);
    EXPECT_EQ(invocations_of(records[0], Phase::Map), usage.at(0).invocations);
    EXPECT_EQ(invocations_of(records[0], Phase::Turn), 0u);
    // The second waited for the first one's spawn and start.
    EXPECT_EQ(invocations_of(records[1], Phase::Turn), usage.at(0).invocations + 1);
}

TEST(TimelineTest, AnAppThatEndsBeforeItToldLeavesItUnknown) {
    TestSystem system{{TestApp{}}};
    ASSERT_TRUE(system.boot());
    system.set_app([&](sim::Thread&) { touch(VirtualAddress{0}, Access::Write); });
    system.server().run();
    const auto records = system.records<TimingsRecord>(msg::FrameType::Timings);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(end_of(records[0], Phase::Start), TimingsRecord::unknown);
    EXPECT_NE(end_of(records[0], Phase::Map), TimingsRecord::unknown);
}

}  // namespace
}  // namespace kos::rootserver
