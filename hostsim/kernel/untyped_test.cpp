// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using sel4::Error;
using sel4::ObjectType;
using UntypedKernelTest = TestMachine;

TEST_F(UntypedKernelTest, ObjectsLieOneBehindTheOtherAlignedToTheirSize) {
    const Word small = make(ObjectType::Endpoint);
    const Word large = make(ObjectType::SmallPage);
    const PhysicalAddress base = slot_at(untyped).cap.address;
    EXPECT_EQ(slot_at(small).cap.address, base);
    EXPECT_EQ(slot_at(large).cap.address, base + page_size);
    EXPECT_EQ(slot_at(untyped).cap.word, 2 * page_size);
}

TEST_F(UntypedKernelTest, AnUnknownObjectTypeIsRefused) {
    EXPECT_EQ(
        invoke(untyped, sel4::Invocation::UntypedRetype, {13, 0, 0, 0, free_slot, 1}, {root.value}),
        failure(Error::InvalidArgument, {0}));
}

TEST_F(UntypedKernelTest, SizesOutOfRangeAreRefused) {
    EXPECT_EQ(retype(untyped, ObjectType::Untyped, 3, free_slot),
              failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(retype(untyped, ObjectType::Untyped, 48, free_slot),
              failure(Error::RangeError, {0, 47}));
    EXPECT_EQ(retype(untyped, ObjectType::CNode, 0, free_slot),
              failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(retype(untyped, ObjectType::CNode, 43, free_slot),
              failure(Error::RangeError, {0, 47}));
    EXPECT_EQ(retype(untyped, ObjectType::SchedContext, 6, free_slot),
              failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(retype(untyped, ObjectType::Tcb, 64, free_slot), failure(Error::RangeError, {0, 47}));
}

TEST_F(UntypedKernelTest, AtMost256ObjectsAreMadeAtOnce) {
    EXPECT_EQ(retype(untyped, ObjectType::Endpoint, 0, free_slot, 0),
              failure(Error::RangeError, {1, 256}));
    EXPECT_EQ(retype(untyped, ObjectType::Endpoint, 0, free_slot, 257),
              failure(Error::RangeError, {1, 256}));
    EXPECT_EQ(retype(untyped, ObjectType::Endpoint, 0, free_slot, 256), ok);
}

TEST_F(UntypedKernelTest, TheDestinationMustLieInTheCNode) {
    EXPECT_EQ(retype(untyped, ObjectType::Endpoint, 0, 4096),
              failure(Error::RangeError, {0, 4095}));
    EXPECT_EQ(retype(untyped, ObjectType::Endpoint, 0, 4095, 2),
              failure(Error::RangeError, {1, 1}));
}

TEST_F(UntypedKernelTest, AnOccupiedDestinationSlotIsRefused) {
    const Word slot = make(ObjectType::Endpoint);
    EXPECT_EQ(retype(untyped, ObjectType::Endpoint, 0, slot), failure(Error::DeleteFirst));
}

TEST_F(UntypedKernelTest, TheDestinationMustBeACNode) {
    const Word endpoint = make(ObjectType::Endpoint);
    EXPECT_EQ(invoke(untyped, sel4::Invocation::UntypedRetype, {1, 0, 0, 0, 5, 1}, {endpoint}),
              failure(Error::FailedLookup, {0, 2, 0}));
    EXPECT_EQ(
        invoke(untyped, sel4::Invocation::UntypedRetype, {1, 0, endpoint, 64, 5, 1}, {root.value}),
        failure(Error::FailedLookup, {0, 2, 64}));
}

TEST_F(UntypedKernelTest, TooLittleMemoryIsToldWithTheBytesThatAreLeft) {
    const Word small = make(ObjectType::Untyped, 13);
    EXPECT_EQ(retype(small, ObjectType::SmallPage, 0, free_slot, 3),
              failure(Error::NotEnoughMemory, {8192}));
    EXPECT_EQ(retype(small, ObjectType::Endpoint, 0, free_slot++), ok);
    EXPECT_EQ(retype(small, ObjectType::SmallPage, 0, free_slot, 2),
              failure(Error::NotEnoughMemory, {8176}));
    EXPECT_EQ(retype(small, ObjectType::SmallPage, 0, free_slot), ok);
}

TEST_F(UntypedKernelTest, DeviceMemoryBecomesOnlyFramesAndUntypeds) {
    EXPECT_EQ(retype(device_untyped, ObjectType::Tcb, 0, free_slot),
              failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(retype(device_untyped, ObjectType::Untyped, 16, free_slot++), ok);
    EXPECT_EQ(retype(device_untyped, ObjectType::SmallPage, 0, free_slot++), ok);
    EXPECT_TRUE(slot_at(free_slot - 1).cap.is_device);
}

TEST_F(UntypedKernelTest, ATruncatedMessageIsRefused) {
    EXPECT_EQ(
        invoke(untyped, sel4::Invocation::UntypedRetype, {1, 0, 0, 0, free_slot}, {root.value}),
        failure(Error::TruncatedMessage));
    EXPECT_EQ(invoke(untyped, sel4::Invocation::UntypedRetype, {1, 0, 0, 0, free_slot, 1}),
              failure(Error::TruncatedMessage));
}

TEST_F(UntypedKernelTest, AnotherInvocationIsIllegal) {
    EXPECT_EQ(invoke(untyped, sel4::Invocation::TcbResume), failure(Error::IllegalOperation));
    EXPECT_EQ(invoke_label(untyped, 99, {}, {}), failure(Error::IllegalOperation));
}

TEST_F(UntypedKernelTest, MemoryIsZeroedBeforeItIsUsedAgain) {
    const Word parent = make(ObjectType::Untyped, 20);
    const Word frame = free_slot;
    ASSERT_EQ(retype(parent, ObjectType::SmallPage, 0, frame), ok);
    const MutableBytes bytes = memory.bytes(slot_at(frame).cap.address, page_size);
    bytes[100] = std::byte{42};
    ASSERT_EQ(revoke(parent), ok);
    EXPECT_EQ(bytes[100], std::byte{42});
    ASSERT_EQ(retype(parent, ObjectType::SmallPage, 0, frame), ok);
    EXPECT_EQ(bytes[100], std::byte{0});
}

TEST_F(UntypedKernelTest, DeviceMemoryKeepsItsContents) {
    const PhysicalAddress address = slot_at(device_untyped).cap.address;
    memory.bytes(address, 1)[0] = std::byte{42};
    ASSERT_EQ(retype(device_untyped, ObjectType::SmallPage, 0, free_slot), ok);
    ASSERT_EQ(remove(free_slot), ok);
    ASSERT_EQ(retype(device_untyped, ObjectType::SmallPage, 0, free_slot), ok);
    EXPECT_EQ(memory.bytes(address, 1)[0], std::byte{42});
}

TEST_F(UntypedKernelTest, AThousandRetypesAndRevokesLeaveTheWatermarkUnchanged) {
    const Word parent = make(ObjectType::Untyped, 20);
    const std::size_t objects = state().objects.count();
    Word watermark = 0;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(retype(parent, ObjectType::Tcb, 0, free_slot, 16), ok);
        ASSERT_EQ(retype(parent, ObjectType::CNode, 4, free_slot + 16, 4), ok);
        if (i == 0) watermark = slot_at(parent).cap.word;
        ASSERT_EQ(slot_at(parent).cap.word, watermark);
        ASSERT_EQ(revoke(parent), ok);
        ASSERT_EQ(state().objects.count(), objects);
    }
}

TEST_F(UntypedKernelTest, AnUntypedWithChildrenGoesOnAtItsWatermark) {
    const Word parent = make(ObjectType::Untyped, 14);
    const Word first = free_slot++;
    const Word second = free_slot++;
    ASSERT_EQ(retype(parent, ObjectType::SmallPage, 0, first), ok);
    ASSERT_EQ(retype(parent, ObjectType::SmallPage, 0, second), ok);
    ASSERT_EQ(remove(first), ok);
    ASSERT_EQ(retype(parent, ObjectType::SmallPage, 0, first), ok);
    EXPECT_EQ(slot_at(first).cap.address, slot_at(parent).cap.address + 2 * page_size);
    ASSERT_EQ(remove(first), ok);
    ASSERT_EQ(remove(second), ok);
    ASSERT_EQ(retype(parent, ObjectType::SmallPage, 0, first), ok);
    EXPECT_EQ(slot_at(first).cap.address, slot_at(parent).cap.address);
}

TEST(ThreadSizeTest, AThreadTakesAsManyBytesAsTheRecordSays) {
    sel4::KernelAbi abi = sel4::default_abi();
    abi.object_size_bits[static_cast<std::size_t>(ObjectType::Tcb)] = 12;
    EXPECT_EQ(AbiTables{abi}.thread_size_bits(), 12u);
    Thread thread{12};
    const Capability cap{.kind = CapKind::Thread, .object = &thread};
    EXPECT_EQ(memory_bits(cap), 12u);
}

}  // namespace
}  // namespace kos::sim
