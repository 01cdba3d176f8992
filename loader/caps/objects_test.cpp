// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/objects.hpp"

#include "loader/caps/pieces.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>

namespace kos::caps {
namespace {

using manifest::ObjectCounts;
using sel4::ObjectType;

ObjectCounts hello() {
    ObjectCounts counts;
    counts.vspaces = 1;
    counts.tcbs = 1;
    counts.sched_contexts = 1;
    counts.notifications = 1;
    counts.page_tables = 12;
    counts.frames = 20;
    counts.heap_frames = 100;
    counts.shared_frames = 7;
    counts.cnode_bits = 4;
    counts.object_cnode_bits = 8;
    return counts;
}

ObjectCounts any_counts() {
    const auto some = [](std::uint32_t limit) { return *rc::gen::inRange(0u, limit); };
    ObjectCounts counts;
    counts.vspaces = some(3);
    counts.tcbs = some(70);
    counts.sched_contexts = some(70);
    counts.replies = some(70);
    counts.endpoints = some(70);
    counts.notifications = some(70);
    counts.page_tables = some(600);
    counts.frames = some(600);
    counts.large_frames = some(5);
    counts.heap_frames = some(3000);
    counts.shared_frames = some(600);
    counts.vcpus = some(9);
    counts.guest_frames = some(600);
    counts.cnode_bits = *rc::gen::inRange(1u, 10u);
    counts.object_cnode_bits = *rc::gen::inRange(1u, 14u);
    return counts;
}

TEST(ObjectListTest, TheBytesOfASmallAppAreTheSumOfItsObjects) {
    const ObjectList list = ObjectList::create(hello(), {}, sel4::default_abi());
    const std::uint64_t pages = 12 + 20 + 100;
    EXPECT_EQ(list.object_bytes(), pages * 4096 + 8192 + 2048 + 128 + 64 + (16u << 5));
    EXPECT_EQ(list.untyped_bytes(), (256u << 5) + (pages + 2 + 1) * 4096);
    EXPECT_EQ(list.slots(), pages + 1 + 1 + 1 + 1 + 1 + 7);
    EXPECT_TRUE(list.fits());
}

TEST(ObjectListTest, ASmallVSpaceObjectCostsAPageTableMoreAndNoByteMore) {
    sel4::KernelAbi abi = sel4::default_abi();
    const ObjectList wide = ObjectList::create(hello(), {}, abi);
    abi.object_size_bits[static_cast<std::size_t>(ObjectType::VSpace)] = 12;
    const ObjectList narrow = ObjectList::create(hello(), {}, abi);
    EXPECT_EQ(narrow.group(ObjectKind::PageTable).count,
              wide.group(ObjectKind::PageTable).count + 1);
    EXPECT_EQ(narrow.untyped_bytes(), wide.untyped_bytes());
    EXPECT_EQ(narrow.slots(), slots_needed(hello(), {}));
}

TEST(ObjectListTest, AnObjectCNodeThatIsTooSmallIsNoticed) {
    ObjectCounts counts = hello();
    counts.object_cnode_bits = 7;
    EXPECT_FALSE(ObjectList::create(counts, {}, sel4::default_abi()).fits());
}

TEST(ObjectListTest, GrantedUntypedsAreCounted) {
    const ObjectList without = ObjectList::create(hello(), {}, sel4::default_abi());
    const ObjectList with = ObjectList::create(hello(), {4, 24}, sel4::default_abi());
    EXPECT_EQ(with.object_bytes() - without.object_bytes(), (4u << 21) + (24u << 12));
    EXPECT_EQ(with.groups()[0].kind, ObjectKind::GrantedLargeUntyped);
}

/// A kernel's untyped: it aligns each object and refuses what does not fit.
struct Watermark {
    std::uint64_t size, used = 0;
    bool retype(std::uint64_t object, std::uint64_t count) {
        used = (used + object - 1) / object * object + count * object;
        return used <= size;
    }
};

RC_GTEST_PROP(PiecesTest, EveryObjectFitsAndNoByteIsLostToAlignment, ()) {
    const ObjectList list = ObjectList::create(
        any_counts(), {*rc::gen::inRange(0u, 5u), *rc::gen::inRange(0u, 30u)}, sel4::default_abi());
    const PieceList pieces = pieces_of(list);
    std::uint64_t bytes = 0;
    std::vector<Watermark> watermarks;
    for (const std::uint8_t bits : pieces) {
        watermarks.push_back({std::uint64_t{1} << bits});
        bytes += watermarks.back().size;
    }
    RC_ASSERT(bytes == list.untyped_bytes());

    std::array<std::uint64_t, object_kind_count> made{};
    std::set<std::uint64_t> slots;
    RetypeSteps steps{list, pieces};
    while (const auto step = steps.next()) {
        const unsigned bits = sel4::default_abi().size_bits(step->type, step->size_bits);
        RC_ASSERT(step->piece > 0 && step->piece < pieces.size());
        RC_ASSERT(step->count <= sel4::retype_fan_out_limit);
        RC_ASSERT(watermarks[step->piece].retype(std::uint64_t{1} << bits, step->count));
        made[static_cast<std::size_t>(step->kind)] += step->count;
        for (std::uint32_t i = 0; i < step->count; ++i) {
            RC_ASSERT(slots.insert(step->first_slot + i).second);
        }
    }
    std::uint64_t used = 0;
    for (std::size_t i = 1; i < watermarks.size(); ++i) used += watermarks[i].used;
    RC_ASSERT(used == list.object_bytes());
    for (const ObjectGroup& group : list.groups()) {
        RC_ASSERT(made[static_cast<std::size_t>(group.kind)] == group.count);
        RC_ASSERT(slots.contains(group.first_slot) &&
                  slots.contains(group.first_slot + group.count - 1));
    }
    RC_ASSERT(slots.size() == list.first_shared_slot());
}

}  // namespace
}  // namespace kos::caps
