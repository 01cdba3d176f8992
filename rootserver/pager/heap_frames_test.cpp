// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/heap_frames.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace kos::rootserver {
namespace {

TEST(HeapFramesTest, FreshFramesComeFirstAndReturnedOnesAreDirty) {
    std::vector<std::uint32_t> storage(HeapFrames::storage_words(2));
    HeapFrames frames{2, storage};
    EXPECT_FALSE(frames.take(10)->dirty);
    frames.give_back(10);
    EXPECT_TRUE(frames.take(11)->dirty);
    EXPECT_FALSE(frames.take(12)->dirty);
    EXPECT_FALSE(frames.take(13));
    EXPECT_EQ(frames.most_in_use(), 2u);
}

TEST(HeapFramesTest, AnAppWithoutHeapHasNoFrames) {
    std::vector<std::uint32_t> storage(HeapFrames::storage_words(0));
    HeapFrames frames{0, storage};
    EXPECT_FALSE(frames.find(1));
    EXPECT_FALSE(frames.take(1));
}

RC_GTEST_PROP(HeapFramesTest, EveryPageKeepsItsFrameUntilItIsGivenBack, ()) {
    const auto count = *rc::gen::inRange<std::uint32_t>(1, 24);
    std::vector<std::uint32_t> storage(HeapFrames::storage_words(count));
    HeapFrames frames{count, storage};
    std::map<PageNumber, std::uint32_t> model;
    const auto steps = *rc::gen::inRange(1, 200);
    for (int i = 0; i < steps; ++i) {
        // Few page numbers, many of them a power of two apart: buckets collide.
        const PageNumber page = 1 + (*rc::gen::inRange<PageNumber>(0, 40) << (i % 3 * 8));
        if (const auto held = model.find(page); held != model.end()) {
            RC_ASSERT(frames.find(page) == held->second);
            frames.give_back(page);
            model.erase(held);
        } else if (const auto taken = frames.take(page)) {
            model[page] = taken->index;
        } else {
            RC_ASSERT(model.size() == count);
        }
        RC_ASSERT(frames.in_use() == model.size());
        std::set<std::uint32_t> distinct;
        for (const auto& [held_page, frame] : model) {
            RC_ASSERT(frames.find(held_page) == frame);
            RC_ASSERT(frames.page_of(frame) == held_page);
            distinct.insert(frame);
        }
        RC_ASSERT(distinct.size() == model.size());
    }
}

}  // namespace
}  // namespace kos::rootserver
