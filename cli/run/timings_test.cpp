// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/timings.hpp"

#include <gtest/gtest.h>

namespace kos::run {
namespace {

using msg::TimingsRecord;

/// Phase i ends at 100·(i + 1) ticks; the counter has no whole number of nanoseconds.
TimingsRecord record() {
    TimingsRecord record{};
    record.counter_hz = 3'000'000;
    for (std::size_t i = 0; i < msg::phase_count; ++i) record.ends[i] = 100 * (i + 1);
    record.invocations[0] = 7;
    return record;
}

constexpr HostTimings host{std::chrono::milliseconds{12}, std::chrono::milliseconds{340}};

TEST(TimingsTest, PhasesFollowEachOtherAndAddUp) {
    const auto phases = phases_of(record());
    ASSERT_EQ(phases.size(), msg::phase_count);
    std::uint64_t at = 0;
    for (const PhaseTiming& phase : phases) {
        EXPECT_EQ(phase.start_ns, at);
        EXPECT_EQ(phase.ticks, 100u);
        at += phase.ns;
    }
    EXPECT_EQ(at, 300'000u);
    EXPECT_FALSE(phases[2].invocations);
    EXPECT_EQ(phases[3].invocations, 7u);
    EXPECT_TRUE(phases[7].invocations);
    EXPECT_FALSE(phases[8].invocations);
}

TEST(TimingsTest, TheyEndWhereNobodyToldMore) {
    TimingsRecord cut = record();
    cut.ends[7] = TimingsRecord::unknown;
    EXPECT_EQ(phases_of(cut).size(), 7u);
    TimingsRecord backwards = record();
    backwards.ends[4] = 1;
    EXPECT_EQ(phases_of(backwards).size(), 4u);
    TimingsRecord without_counter = record();
    without_counter.counter_hz = 0;
    EXPECT_TRUE(phases_of(without_counter).empty());
}

TEST(TimingsTest, JsonHasEveryPhaseAndTheTotal) {
    const auto json = to_json({{"hello", 3'000'000, phases_of(record())}}, host);
    const auto& app = json["apps"][0];
    EXPECT_EQ(app["name"], "hello");
    EXPECT_EQ(app["complete"], true);
    EXPECT_EQ(app["total_ns"], 300'000);
    EXPECT_EQ(app["phases"].size(), msg::phase_count);
    EXPECT_EQ(app["phases"][0]["phase"], "firmware");
    EXPECT_EQ(app["phases"][8]["phase"], "libos");
    EXPECT_EQ(json["host"]["pack_ns"], 12'000'000);
}

TEST(TimingsTest, TheTextSaysWhereItIsCut) {
    TimingsRecord cut = record();
    cut.ends[7] = TimingsRecord::unknown;
    const std::string text = to_text({{"hello", 3'000'000, phases_of(cut)}}, host);
    EXPECT_NE(text.find("hello: from reset to its first instruction\n"), text.npos);
    EXPECT_NE(text.find("  inventory        0.100        0.033            7\n"), text.npos) << text;
    EXPECT_NE(text.find("  total                         0.233\n"), text.npos) << text;
    EXPECT_NE(text.find("It ended before it told more."), text.npos);
    EXPECT_EQ(to_text({{"hello", 3'000'000, phases_of(record())}}, host).find("told more"),
              text.npos);
}

}  // namespace
}  // namespace kos::run
