// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/refills.hpp"

#include "hostsim/kernel/sizes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::sim {
namespace {

constexpr Ticks budget = 10 * min_budget;
constexpr Ticks period = 100 * min_budget;

TEST(RefillsTest, AFullBudgetIsThereFromTheStart) {
    Refills refills;
    EXPECT_FALSE(refills.active());
    refills.start(4, budget, period, 1000);
    EXPECT_TRUE(refills.active());
    EXPECT_TRUE(refills.ready(1000));
    EXPECT_FALSE(refills.ready(999));
    EXPECT_EQ(refills.sum(), budget);
}

TEST(RefillsTest, WhatIsUsedComesBackAPeriodLater) {
    Refills refills;
    refills.start(4, budget, period, 0);
    refills.charge(budget);
    EXPECT_EQ(refills.head().time, period);
    EXPECT_EQ(refills.head().amount, budget);
}

TEST(RefillsTest, PartialUseSplitsTheBudget) {
    Refills refills;
    refills.start(4, budget, period, 0);
    refills.charge(3 * min_budget);
    EXPECT_EQ(refills.size(), 2u);
    EXPECT_EQ(refills.head().amount, 7 * min_budget);
    refills.charge(7 * min_budget);
    // What was used in one go comes back in one go.
    EXPECT_EQ(refills.size(), 1u);
    EXPECT_EQ(refills.head().time, period);
}

TEST(RefillsTest, AHeadTooSmallToRunOnJoinsTheNext) {
    Refills refills;
    refills.start(4, budget, period, 0);
    refills.charge(budget - min_budget / 2);
    EXPECT_EQ(refills.head().amount, budget);
    EXPECT_EQ(refills.head().time, period - min_budget / 2);
}

TEST(RefillsTest, ARoundRobinSliceIsAlwaysReady) {
    Refills refills;
    refills.start(min_refills, budget, 0, 5);
    refills.use_slice(min_budget);
    EXPECT_EQ(refills.head().amount, budget - min_budget);
    refills.renew_slice();
    EXPECT_EQ(refills.head().amount, budget);
    EXPECT_TRUE(refills.ready(5));
}

RC_GTEST_PROP(RefillsTest, TheBudgetIsNeitherLostNorMultiplied, ()) {
    const auto max = *rc::gen::inRange<std::size_t>(2, 8);
    Refills refills;
    refills.start(max, budget, period, 0);
    Ticks now = 0;
    const auto steps = *rc::gen::container<std::vector<Ticks>>(rc::gen::inRange<Ticks>(1, budget));
    for (const Ticks step : steps) {
        if (!refills.ready(now)) now = refills.head().time;
        refills.unblock(now);
        const Ticks used = std::min(step, refills.head().amount);
        now += used;
        refills.charge(used);
        RC_ASSERT(refills.sum() == budget);
        RC_ASSERT(refills.size() <= max);
        RC_ASSERT(refills.sufficient(0));
    }
}

}  // namespace
}  // namespace kos::sim
