// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What can be said of the traces without a real kernel.
#include "tests/contract/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace kos::contract {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Transcript play(const Parameters& parameters) {
    const auto image = make_image(KOS_TARGET_DIR, parameters);
    if (!image) {
        ADD_FAILURE() << to_string(image.error());
        return {};
    }
    auto transcript = run_in_simulator(*image, {});
    if (!transcript) {
        ADD_FAILURE() << to_string(transcript.error());
        return {};
    }
    return std::move(transcript).value();
}

TEST(ContractSimulatorTest, ATraceIsItsSeed) {
    const Parameters together{.first_seed = 5, .traces = 3, .steps = 60};
    const Parameters alone{.first_seed = 7, .traces = 1, .steps = 60};
    const auto three = play(together).lines_of("trace");
    ASSERT_EQ(three.size(), 3u);
    EXPECT_THAT(play(together).lines_of("trace"), ::testing::ElementsAreArray(three));
    // Nothing of the traces before is left: the last one is the same when it is played alone.
    EXPECT_THAT(play(alone).lines_of("trace"), ::testing::ElementsAre(three.back()));
    EXPECT_EQ(std::set<std::string>(three.begin(), three.end()).size(), 3u);
}

TEST(ContractSimulatorTest, AListingHasALineForEveryStep) {
    const auto steps =
        play({.first_seed = 3, .traces = 1, .steps = 40, .listing = 1}).lines_of("step");
    EXPECT_THAT(steps, Contains(StartsWith("step 0 actor ")));
    EXPECT_THAT(steps, Contains(StartsWith("step 39 ")));
}

TEST(ContractSimulatorTest, TracesMadeByHandSeeBudgetsEndAndInterruptsArrive) {
    const auto seen = play({.traces = 0}).lines_of("saw");
    EXPECT_THAT(seen, Contains("saw actor 0 fault 0x5 context 0x77 words 2").Times(3));
    EXPECT_THAT(seen, Contains("saw actor 1 fault 0x5 context 0x77 words 2"));
    EXPECT_THAT(seen, Contains("saw 0x5 as the device still asks for it"));
    EXPECT_THAT(seen, Contains("saw 0x0 once the device was content"));
}

TEST(ContractSimulatorTest, TracesReachEveryKindOfObjectAndError) {
    const auto cover = play({.first_seed = 1, .traces = 150, .steps = 100}).lines_of("cover");
    for (const char* const reached :
         {"Untyped_Retype no error", "TCB_Configure no error", "CNode_Rotate no error",
          "CNode_Revoke no error", "SchedControl_ConfigureFlags no error",
          "SchedContext_Bind no error", "ARM_Page_Map no error", "ARM_PageTable_Map no error",
          "ARM_ASIDPool_Assign no error", "ARM_ASIDControl_MakePool no error", "Recv blocked",
          "ReplyRecv returned", "unknown fault", "truncated message", "range error", "delete first",
          "revoke first", "not enough memory", "alignment error"}) {
        EXPECT_THAT(cover, Contains(HasSubstr(reached)));
    }
}

}  // namespace
}  // namespace kos::contract
