// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/base/result.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace kos {
namespace {

enum class Problem { Small, Large };

Result<std::unique_ptr<int>, Problem> make(int value) {
    if (value < 0) return Err{Problem::Small};
    return std::make_unique<int>(value);
}

Result<int, Problem> twice(int value) {
    const std::unique_ptr<int> made = KOS_TRY(make(value));
    return *made * 2;
}

Result<void, Problem> check(int value) {
    KOS_TRY(twice(value));
    if (value > 100) return Err{Problem::Large};
    return {};
}

TEST(ResultTest, AValueComesOutAsItWentIn) { EXPECT_EQ(twice(21).value(), 42); }

TEST(ResultTest, TryHandsTheErrorToTheCaller) {
    EXPECT_EQ(check(-1).error(), Problem::Small);
    EXPECT_EQ(check(101).error(), Problem::Large);
    EXPECT_TRUE(check(1).ok());
}

Result<int, Problem> fourfold(int value) { return KOS_TRY(twice(KOS_TRY(twice(value)))); }

TEST(ResultTest, TryMayStandWithinTry) {
    EXPECT_EQ(fourfold(2).value(), 8);
    EXPECT_EQ(fourfold(-1).error(), Problem::Small);
}

TEST(ResultTest, AMovedResultKeepsItsAlternative) {
    auto first = make(7);
    auto second = std::move(first);
    EXPECT_EQ(**second, 7);
    second = make(-1);
    EXPECT_EQ(second.error(), Problem::Small);
}

TEST(ResultDeathTest, TheValueOfAnErrorIsNotToBeHad) {
    EXPECT_DEATH((void)twice(-1).value(), "other alternative");
    EXPECT_DEATH(must(make(-1), "make takes positive numbers"), "positive numbers");
}

}  // namespace
}  // namespace kos
