// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using sel4::Error;
using sel4::ObjectType;
using I = sel4::Invocation;

class CNodeKernelTest : public TestMachine {
   protected:
    Answer move(Word from, Word to) {
        return invoke(root, I::CNodeMove, {to, 64, from, 64}, {root.value});
    }
};

TEST_F(CNodeKernelTest, ACopyNamesTheSameObjectWithFewerRights) {
    const Word endpoint = make(ObjectType::Endpoint);
    const Word second = free_slot++;
    ASSERT_EQ(copy(endpoint, second, 1), ok);
    EXPECT_EQ(slot_at(second).cap.object, slot_at(endpoint).cap.object);
    EXPECT_EQ(slot_at(second).cap.rights, RightsMask::write);
}

TEST_F(CNodeKernelTest, ABadgeIsGivenOnce) {
    const Word endpoint = make(ObjectType::Endpoint);
    const Word badged = free_slot++;
    ASSERT_EQ(mint(endpoint, badged, 5), ok);
    EXPECT_EQ(slot_at(badged).cap.word, 5u);
    EXPECT_EQ(mint(badged, free_slot, 6), failure(Error::IllegalOperation));
    EXPECT_EQ(invoke(root, I::CNodeMutate, {free_slot, 64, badged, 64, 6}, {root.value}),
              failure(Error::IllegalOperation));
}

TEST_F(CNodeKernelTest, SourceAndDestinationAreCheckedInSel4sOrder) {
    const Word endpoint = make(ObjectType::Endpoint);
    EXPECT_EQ(copy(endpoint, endpoint), failure(Error::DeleteFirst));
    EXPECT_EQ(copy(free_slot, free_slot + 1), failure(Error::FailedLookup, {1, 2, 64}));
    EXPECT_EQ(invoke(root, I::CNodeCopy, {free_slot, 64, endpoint, 64}, {root.value}),
              failure(Error::TruncatedMessage));
    EXPECT_EQ(invoke(root, I::CNodeCopy, {free_slot, 64, endpoint, 64, 15}, {endpoint}),
              failure(Error::FailedLookup, {1, 1}));
    EXPECT_EQ(invoke(root, I::CNodeDelete, {free_slot, 0}), failure(Error::RangeError, {1, 64}));
    EXPECT_EQ(invoke(root, I::CNodeDelete, {free_slot, 65}), failure(Error::RangeError, {1, 64}));
}

TEST_F(CNodeKernelTest, GuardsAndDepthsMustMatch) {
    // The root CNode has a guard of 52 zero bits and a radix of 12.
    EXPECT_EQ(invoke(root, I::CNodeDelete, {free_slot, 63}),
              failure(Error::FailedLookup, {0, 3, 63, 64}));
    EXPECT_EQ(invoke(root, I::CNodeDelete, {Word{1} << 40, 64}),
              failure(Error::FailedLookup, {0, 4, 64, 0, 52}));
    EXPECT_EQ(invoke(root, I::CNodeDelete, {0, 20}),
              failure(Error::FailedLookup, {0, 4, 20, 0, 52}));
}

TEST_F(CNodeKernelTest, ASecondLevelIsResolvedThroughItsGuard) {
    const Word second = make(ObjectType::CNode, 4);
    const Word guarded = free_slot++;
    // 12 bits of the root, then a guard 0b10 of 2 bits, then 4 bits of index.
    ASSERT_EQ(mint(second, guarded, sel4::cnode_guard(2, 2)), ok);
    const Word endpoint = make(ObjectType::Endpoint);
    // The root's own guard leaves no room for more: use a copy of it without one.
    const Word bare = free_slot++;
    ASSERT_EQ(mint(root.value, bare, sel4::cnode_guard(0, 0)), ok);
    const Word address = guarded << 6 | 2u << 4 | 5;
    ASSERT_EQ(invoke(bare, I::CNodeCopy, {address, 18, endpoint, 12, 15}, {bare}), ok);
    EXPECT_EQ(slot_at(second).cap.as<CNode>()->slots()[5].cap.kind, CapKind::Endpoint);
    EXPECT_EQ(invoke(bare, I::CNodeDelete, {guarded << 6 | 1u << 4 | 5, 18}),
              failure(Error::FailedLookup, {0, 4, 6, 2, 2}));
    EXPECT_EQ(invoke(bare, I::CNodeDelete, {address << 3, 21}),
              failure(Error::FailedLookup, {0, 3, 3, 0}));
}

TEST_F(CNodeKernelTest, RevokingABadgedCapabilityLeavesTheOriginal) {
    const Word endpoint = make(ObjectType::Endpoint);
    const Word badged = free_slot++;
    const Word child = free_slot++;
    const Word other = free_slot++;
    ASSERT_EQ(mint(endpoint, badged, 1), ok);
    ASSERT_EQ(copy(badged, child), ok);
    ASSERT_EQ(mint(endpoint, other, 2), ok);
    ASSERT_EQ(revoke(badged), ok);
    EXPECT_TRUE(slot_at(child).cap.is_null());
    EXPECT_FALSE(slot_at(badged).cap.is_null());
    EXPECT_FALSE(slot_at(other).cap.is_null());
    ASSERT_EQ(revoke(endpoint), ok);
    EXPECT_TRUE(slot_at(badged).cap.is_null());
    EXPECT_TRUE(slot_at(other).cap.is_null());
    EXPECT_FALSE(slot_at(endpoint).cap.is_null());
}

TEST_F(CNodeKernelTest, RevokingAnUntypedTakesEverythingMadeOfIt) {
    const Word parent = make(ObjectType::Untyped, 18);
    const std::size_t objects = state().objects.count();
    const Word cnode = free_slot++;
    ASSERT_EQ(retype(parent, ObjectType::CNode, 4, cnode), ok);
    ASSERT_EQ(retype(parent, ObjectType::Endpoint, 0, free_slot), ok);
    // A capability to the endpoint hides in the CNode, one to the CNode in itself.
    ASSERT_EQ(invoke(cnode, I::CNodeCopy, {1, 4, free_slot, 64, 15}, {root.value}), ok);
    ASSERT_EQ(invoke(cnode, I::CNodeCopy, {2, 4, cnode, 64, 15}, {root.value}), ok);
    ASSERT_EQ(remove(free_slot), ok);
    ASSERT_EQ(remove(cnode), ok);
    EXPECT_EQ(state().objects.count(), objects + 2);
    ASSERT_EQ(revoke(parent), ok);
    EXPECT_EQ(state().objects.count(), objects);
}

TEST_F(CNodeKernelTest, MovingKeepsTheDescendants) {
    const Word endpoint = make(ObjectType::Endpoint);
    const Word badged = free_slot++;
    const Word place = free_slot++;
    ASSERT_EQ(mint(endpoint, badged, 1), ok);
    ASSERT_EQ(move(endpoint, place), ok);
    EXPECT_TRUE(slot_at(endpoint).cap.is_null());
    ASSERT_EQ(revoke(place), ok);
    EXPECT_TRUE(slot_at(badged).cap.is_null());
}

TEST_F(CNodeKernelTest, RotatingMovesThreeCapabilitiesAtOnce) {
    const Word first = make(ObjectType::Endpoint);
    const Word second = make(ObjectType::Notification);
    const Word third = free_slot++;
    ASSERT_EQ(invoke(root, I::CNodeRotate, {third, 64, 0, second, 64, 0, first, 64},
                     {root.value, root.value}),
              failure(Error::IllegalOperation));
    const Word cnode = make(ObjectType::CNode, 4);
    const Word frame = make(ObjectType::SmallPage);
    ASSERT_EQ(invoke(root, I::CNodeRotate, {third, 64, 0, frame, 64, 0, cnode, 64},
                     {root.value, root.value}),
              ok);
    EXPECT_EQ(slot_at(third).cap.kind, CapKind::Frame);
    EXPECT_EQ(slot_at(frame).cap.kind, CapKind::CNode);
    EXPECT_TRUE(slot_at(cnode).cap.is_null());
    // Source and destination are the same: the two change places.
    ASSERT_EQ(invoke(root, I::CNodeRotate, {third, 64, 0, frame, 64, 0, third, 64},
                     {root.value, root.value}),
              ok);
    EXPECT_EQ(slot_at(frame).cap.kind, CapKind::Frame);
    EXPECT_EQ(slot_at(third).cap.kind, CapKind::CNode);
}

TEST_F(CNodeKernelTest, WhatCannotBeCopiedIsRefused) {
    const Word slot = free_slot;
    EXPECT_EQ(copy(sel4::root_slot::irq_control.value, slot), failure(Error::IllegalOperation));
    const Word table = make(ObjectType::PageTable);
    EXPECT_EQ(copy(table, free_slot), failure(Error::IllegalOperation));
    const Word parent = make(ObjectType::Untyped, 14);
    ASSERT_EQ(retype(parent, ObjectType::Endpoint, 0, free_slot++), ok);
    EXPECT_EQ(copy(parent, free_slot), failure(Error::RevokeFirst));
}

TEST_F(CNodeKernelTest, ACopiedUntypedLeavesNothingToTheOriginal) {
    const Word parent = make(ObjectType::Untyped, 14);
    const Word second = free_slot++;
    ASSERT_EQ(copy(parent, second), ok);
    EXPECT_EQ(retype(parent, ObjectType::Endpoint, 0, free_slot),
              failure(Error::NotEnoughMemory, {0}));
    EXPECT_EQ(retype(second, ObjectType::Endpoint, 0, free_slot), ok);
}

TEST_F(CNodeKernelTest, CancellingBadgedSendsNeedsAllRights) {
    const Word endpoint = make(ObjectType::Endpoint);
    const Word badged = free_slot++;
    const Word weak = free_slot++;
    ASSERT_EQ(mint(endpoint, badged, 1), ok);
    ASSERT_EQ(mint(endpoint, weak, 1, 7), ok);
    EXPECT_EQ(invoke(root, I::CNodeCancelBadgedSends, {badged, 64}), ok);
    EXPECT_EQ(invoke(root, I::CNodeCancelBadgedSends, {weak, 64}),
              failure(Error::IllegalOperation));
}

}  // namespace
}  // namespace kos::sim
