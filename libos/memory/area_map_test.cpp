// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/memory/area_map.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <vector>

namespace kos::libos {
namespace {

Range pages(std::uint64_t first, std::uint64_t count) {
    return {VirtualAddress{first * page_size}, count * page_size};
}

/// What the map says of each page, kept the plain way.
class Model {
   public:
    void set(const Area& area) {
        each_page(area.range, [&](std::uint64_t page) { pages_[page] = area; });
    }
    void clear(const Range& range) {
        each_page(range, [&](std::uint64_t page) { pages_.erase(page); });
    }
    [[nodiscard]] bool covers(const Range& range) const {
        bool all = true;
        each_page(range, [&](std::uint64_t page) { all = all && pages_.contains(page); });
        return all;
    }
    [[nodiscard]] bool is_free(const Range& range) const {
        bool none = true;
        each_page(range, [&](std::uint64_t page) { none = none && !pages_.contains(page); });
        return none;
    }
    void check(const AreaMap& map) const {
        std::size_t counted = 0;
        for (const Area& area : map.areas()) {
            each_page(area.range, [&](std::uint64_t page) {
                const auto found = pages_.find(page);
                RC_ASSERT(found != pages_.end());
                RC_ASSERT(found->second.same_properties(area));
                ++counted;
            });
        }
        RC_ASSERT(counted == pages_.size());
        for (std::size_t i = 1; i < map.areas().size(); ++i) {
            const Area &before = map.areas()[i - 1], &after = map.areas()[i];
            RC_ASSERT(before.range.end() <= after.range.start);
            RC_ASSERT(before.range.end() != after.range.start || !before.same_properties(after));
        }
    }

   private:
    template <class Visit>
    static void each_page(const Range& range, Visit visit) {
        for (auto at = range.start; at < range.end(); at = at + page_size) visit(at.value());
    }
    std::map<std::uint64_t, Area> pages_;
};

Range some_range() {
    return pages(*rc::gen::inRange<std::uint64_t>(0, 40), *rc::gen::inRange<std::uint64_t>(1, 12));
}

RC_GTEST_PROP(AreaMapTest, AgreesWithAMapOfPages, ()) {
    std::array<Area, 64> storage;
    AreaMap map{storage};
    Model model;
    for (int step = 0; step < 40; ++step) {
        const Range range = some_range();
        if (*rc::gen::inRange(0, 3) == 0) {
            RC_ASSERT(map.clear(range).ok());
            model.clear(range);
        } else {
            const Area area{range, *rc::gen::inRange<std::uint8_t>(0, 3),
                            *rc::gen::element(AreaUse::Reserved, AreaUse::Mapped)};
            RC_ASSERT(map.set(area).ok());
            model.set(area);
        }
        model.check(map);
        const Range asked = some_range();
        RC_ASSERT(map.covers(asked) == model.covers(asked));
        RC_ASSERT(map.is_free(asked) == model.is_free(asked));
    }
}

RC_GTEST_PROP(AreaMapTest, FindsTheLowestFreePlace, ()) {
    std::array<Area, 64> storage;
    AreaMap map{storage};
    Model model;
    const auto areas = *rc::gen::inRange(0, 8);
    for (int i = 0; i < areas; ++i) {
        const Area area{some_range(), 3, AreaUse::Mapped};
        RC_ASSERT(map.set(area).ok());
        model.set(area);
    }
    const Range window = pages(2, 40);
    const auto size = *rc::gen::inRange<std::uint64_t>(1, 10);
    std::optional<Range> expected;
    for (std::uint64_t first = 2; first + size <= 42 && !expected; ++first) {
        if (model.is_free(pages(first, size))) expected = pages(first, size);
    }
    RC_ASSERT(map.find_free(size * page_size, window) == expected);
}

TEST(AreaMapTest, RefusesWhatItHasNoRoomForAndChangesNothing) {
    std::array<Area, 3> storage;
    AreaMap map{storage};
    ASSERT_TRUE(map.set({pages(0, 10), 3, AreaUse::Mapped}).ok());
    ASSERT_TRUE(map.clear(pages(4, 1)).ok());
    const std::vector<Area> before(map.areas().begin(), map.areas().end());
    EXPECT_EQ(map.clear(pages(1, 1)).error(), Errno::Enomem);
    EXPECT_EQ(std::vector<Area>(map.areas().begin(), map.areas().end()), before);
}

TEST(AreaMapTest, WalksThePartsWithinARange) {
    std::array<Area, 8> storage;
    AreaMap map{storage};
    ASSERT_TRUE(map.set({pages(0, 4), 1, AreaUse::Mapped}).ok());
    ASSERT_TRUE(map.set({pages(6, 4), 3, AreaUse::Reserved}).ok());
    const Range range = pages(2, 6);
    const auto first = map.next_within(range, range.start);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->range, pages(2, 2));
    const auto second = map.next_within(range, first->range.end());
    ASSERT_TRUE(second);
    EXPECT_EQ(second->range, pages(6, 2));
    EXPECT_FALSE(map.next_within(range, second->range.end()));
}

TEST(AreaMapTest, TheWalkEndsWithinAnAreaThatGoesOn) {
    std::array<Area, 8> storage;
    AreaMap map{storage};
    ASSERT_TRUE(map.set({pages(0, 4), 1, AreaUse::Mapped}).ok());
    EXPECT_FALSE(map.next_within(pages(0, 2), pages(2, 1).start));
}

}  // namespace
}  // namespace kos::libos
