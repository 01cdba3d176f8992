// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/slot_allocator.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace kos::caps {
namespace {

TEST(SlotAllocatorTest, ARunIsFoundBehindASingleFreeSlot) {
    std::array<std::uint64_t, 1> bitmap{};
    SlotAllocator slots{{}, 100, 4, bitmap};
    EXPECT_EQ(slots.allocate(), 100u);
    EXPECT_EQ(slots.allocate(), 101u);
    slots.release(100);
    EXPECT_EQ(slots.allocate(2), 102u);
    EXPECT_EQ(slots.allocate(2), std::nullopt);
    EXPECT_EQ(slots.free_slots(), 1u);
}

TEST(SlotAllocatorDeathTest, ASlotIsNotFreedTwice) {
    std::array<std::uint64_t, 1> bitmap{};
    SlotAllocator slots{{}, 0, 4, bitmap};
    EXPECT_DEATH(slots.release(0), "free already");
    EXPECT_DEATH(slots.release(4), "not one of these");
}

RC_GTEST_PROP(SlotAllocatorTest, NoSlotIsHandedOutTwiceAndAllComeBack, ()) {
    constexpr std::uint64_t first = 16;
    const auto count = *rc::gen::inRange<std::uint64_t>(1, 200);
    std::vector<std::uint64_t> bitmap(SlotAllocator::words_for(count));
    SlotAllocator slots{{}, first, count, bitmap};

    struct Run {
        std::uint64_t slot, count;
    };
    std::vector<Run> held;
    std::set<std::uint64_t> taken;
    for (const std::uint64_t wanted :
         *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 9))) {
        if (wanted == 0 && !held.empty()) {
            const Run run = held.front();
            held.erase(held.begin());
            slots.release(run.slot, run.count);
            for (std::uint64_t i = 0; i < run.count; ++i) taken.erase(run.slot + i);
        } else if (const auto slot = slots.allocate(wanted)) {
            RC_ASSERT(*slot >= first && *slot + wanted <= first + count);
            for (std::uint64_t i = 0; i < wanted; ++i) RC_ASSERT(taken.insert(*slot + i).second);
            held.push_back({*slot, wanted});
        }
        RC_ASSERT(slots.free_slots() == count - taken.size());
    }
    for (const Run& run : held) slots.release(run.slot, run.count);
    RC_ASSERT(slots.allocate(count) == first);
}

}  // namespace
}  // namespace kos::caps
