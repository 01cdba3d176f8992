// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core_pool.hpp"

#include <gtest/gtest.h>

namespace kos::sim {

namespace {

TEST(CorePoolTest, GivesMoreCoresThanItMadeAhead) {
    CorePool pool{1};
    const auto first = pool.take();
    const auto second = pool.take();
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_NE(first->get(), second->get());
}

TEST(CorePoolTest, ACoreThatIsGivenBackIsUsedAgain) {
    CorePool pool{0};
    auto core = must(pool.take(), "the host has address space");
    const Core* const which = core.get();
    pool.give_back(std::move(core));
    EXPECT_EQ(must(pool.take(), "one is there").get(), which);
}

TEST(CorePoolTest, APoolThatNobodyUsesEnds) { const CorePool pool{2}; }

}  // namespace

}  // namespace kos::sim
