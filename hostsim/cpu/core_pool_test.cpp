// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core_pool.hpp"

#include <gtest/gtest.h>

#include <array>

namespace kos::sim {

namespace {

constexpr std::array one_kept{FaultingAccess::Kept};

TEST(CorePoolTest, GivesMoreCoresThanItMadeAhead) {
    CorePool pool{one_kept};
    const auto first = pool.take(FaultingAccess::Kept);
    const auto second = pool.take(FaultingAccess::Kept);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_NE(first->get(), second->get());
}

TEST(CorePoolTest, ACoreThatIsGivenBackIsUsedAgain) {
    CorePool pool{{}};
    auto core = must(pool.take(FaultingAccess::Kept), "the host has address space");
    const Core* const which = core.get();
    pool.give_back(std::move(core));
    EXPECT_EQ(must(pool.take(FaultingAccess::Kept), "one is there").get(), which);
}

TEST(CorePoolTest, GivesTheKindThatIsAskedFor) {
    CorePool pool{one_kept};
    const auto core = pool.take(FaultingAccess::Replaced);
    ASSERT_TRUE(core.ok());
    EXPECT_EQ((*core)->faulting_access(), FaultingAccess::Replaced);
}

TEST(CorePoolTest, APoolThatNobodyUsesEnds) { const CorePool pool{one_kept}; }

}  // namespace

}  // namespace kos::sim
