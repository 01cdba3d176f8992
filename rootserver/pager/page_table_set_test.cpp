// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/page_table_set.hpp"

#include <gtest/gtest.h>

#include <array>

namespace kos::rootserver {
namespace {

constexpr VirtualAddress in_first_gib{0x1000'0000};
constexpr VirtualAddress in_second_gib{0x5000'0000};

/// How many tables a set asks for so that a page at an address can be mapped.
class PageTableSetTest : public ::testing::Test {
   protected:
    unsigned missing(PageTableSet& set, VirtualAddress address, std::uint64_t bits = page_bits) {
        unsigned count = 0;
        const auto provided = set.provide(address, bits, [&](VirtualAddress) -> Attempt<> {
            ++count;
            return {};
        });
        EXPECT_TRUE(provided.ok());
        return count;
    }
    std::array<std::uint32_t, 8> storage_{};
};

TEST_F(PageTableSetTest, ADirectoryAndATableAreMissingAtFirst) {
    PageTableSet set{storage_, false};
    EXPECT_EQ(missing(set, in_first_gib), 2u);
    EXPECT_EQ(missing(set, in_first_gib + page_size), 0u);
    EXPECT_EQ(missing(set, in_first_gib + large_page_size), 1u);
    EXPECT_EQ(missing(set, in_second_gib, large_page_bits), 1u);
}

TEST_F(PageTableSetTest, ASmallVSpaceObjectNeedsOneLevel1TableMore) {
    PageTableSet set{storage_, true};
    EXPECT_EQ(missing(set, in_first_gib), 3u);
    EXPECT_EQ(missing(set, in_second_gib), 2u);
    EXPECT_EQ(set.count(), 5u);
}

TEST_F(PageTableSetTest, WhatTheKernelHasMadeIsNotMissing) {
    PageTableSet set{storage_, true};
    ASSERT_TRUE(set.add_directory(in_first_gib));
    EXPECT_EQ(missing(set, in_first_gib), 1u);
}

TEST_F(PageTableSetTest, TablesBeyondItsStorageAreRefused) {
    PageTableSet set{std::span{storage_}.first(1), false};
    const auto provided =
        set.provide(in_first_gib, page_bits, [](VirtualAddress) -> Attempt<> { return {}; });
    ASSERT_FALSE(provided.ok());
    EXPECT_EQ(provided.error().code, ErrorCode::OutOfMemory);
}

}  // namespace
}  // namespace kos::rootserver
