// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/region_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace kos::rootserver {
namespace {

constexpr std::uint8_t read_only = 1, read_write = 3;

Range pages(std::uint64_t first, std::uint64_t count) {
    const VirtualAddress start{first * page_size};
    return {start, start + count * page_size};
}

TEST(RegionTableTest, NeighboursOfEqualProtectionAreOne) {
    RegionTable table;
    EXPECT_TRUE(table.assign(pages(1, 2), read_write));
    EXPECT_TRUE(table.assign(pages(3, 2), read_write));
    ASSERT_EQ(table.regions().size(), 1u);
    EXPECT_EQ(table.regions()[0].range, pages(1, 4));
    EXPECT_TRUE(table.assign(pages(5, 1), read_only));
    EXPECT_EQ(table.regions().size(), 2u);
}

TEST(RegionTableTest, ARegionIsSplitByWhatReplacesItsMiddle) {
    RegionTable table;
    EXPECT_TRUE(table.assign(pages(0, 10), read_write));
    EXPECT_TRUE(table.remove(pages(4, 2)));
    EXPECT_FALSE(table.covers(pages(0, 10)));
    EXPECT_TRUE(table.covers(pages(6, 4)));
    EXPECT_EQ(table.find(VirtualAddress{4 * page_size}), nullptr);
    ASSERT_NE(table.find(VirtualAddress{6 * page_size}), nullptr);
}

TEST(RegionTableTest, AChangeThatDoesNotFitChangesNothing) {
    RegionTable table;
    for (std::uint64_t i = 0; i < RegionTable::capacity; ++i) {
        ASSERT_TRUE(table.assign(pages(4 * i, 3), read_write));
    }
    EXPECT_FALSE(table.remove(pages(1, 1)));
    EXPECT_FALSE(table.assign(pages(4 * RegionTable::capacity, 1), read_write));
    EXPECT_TRUE(table.covers(pages(0, 3)));
    EXPECT_EQ(table.regions().size(), RegionTable::capacity);
    EXPECT_TRUE(table.remove(pages(0, 3)));
}

RC_GTEST_PROP(RegionTableTest, ItAgreesWithAMapOfPages, ()) {
    constexpr std::uint64_t limit = 40;
    RegionTable table;
    std::map<std::uint64_t, std::uint8_t> model;
    const auto steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
        const auto first = *rc::gen::inRange<std::uint64_t>(0, limit);
        const auto count = *rc::gen::inRange<std::uint64_t>(0, limit - first);
        const auto protection = *rc::gen::element<std::uint8_t>(0, 1, 3, 5);
        const bool removes = *rc::gen::arbitrary<bool>();
        const bool changed = removes ? table.remove(pages(first, count))
                                     : table.assign(pages(first, count), protection);
        RC_ASSERT(changed);
        for (std::uint64_t page = first; page < first + count; ++page) {
            if (removes) {
                model.erase(page);
            } else {
                model[page] = protection;
            }
        }
    }
    for (std::uint64_t page = 0; page < limit; ++page) {
        const Region* region = table.find(VirtualAddress{page * page_size});
        const auto expected = model.find(page);
        RC_ASSERT((region != nullptr) == (expected != model.end()));
        if (region != nullptr) RC_ASSERT(region->protection == expected->second);
    }
    const auto all = table.regions();
    for (std::size_t i = 1; i < all.size(); ++i) {
        RC_ASSERT(all[i - 1].range.end <= all[i].range.start);
        RC_ASSERT(all[i - 1].range.end < all[i].range.start ||
                  all[i - 1].protection != all[i].protection);
    }
}

}  // namespace
}  // namespace kos::rootserver
