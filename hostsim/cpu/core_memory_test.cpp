// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a core does with memory: aborts of data and of fetches, devices, atomics. core_test.cpp
// names the kinds of core.
#include "hostsim/cpu/core.hpp"
#include "hostsim/cpu/test_core.hpp"
#include "hostsim/cpu/test_instructions.hpp"

#include <gtest/gtest.h>

namespace kos::sim {

namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the test's own vocabulary

// --- Data aborts ------------------------------------------------------------------------------

TEST_P(CoreTest, AnUnmappedAccessAbortsPreciselyAndCanBeMadeAgain) {
    space.word(spare_frame) = 77;
    registers.x[1] = nowhere.value();
    registers.x[2] = 0;
    const Trap trap = run({instruction::increment_x2, instruction::increment_x2,
                           instruction::load_x0, instruction::increment_x2, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::DataAbort);
    EXPECT_EQ(trap.cause, AbortCause::Translation);
    EXPECT_EQ(trap.address, nowhere);
    EXPECT_FALSE(trap.is_write);
    EXPECT_EQ(registers.pc, code.value() + 8);
    EXPECT_EQ(registers.x[2], 2u);

    space.map(nowhere, {.physical = spare_frame, .size_bits = page_bits, .readable = true});
    EXPECT_EQ(space.run(registers).kind, TrapKind::SystemCall);
    EXPECT_EQ(registers.x[0], 77u);
    EXPECT_EQ(registers.x[2], 3u);
}

TEST_P(CoreTest, AWriteToReadOnlyMemoryIsAPermissionAbort) {
    registers.x[1] = constants.value() + 16;
    const Trap trap = run({instruction::store_x0, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::DataAbort);
    EXPECT_EQ(trap.cause, AbortCause::Permission);
    EXPECT_EQ(trap.address, constants + 16);
    EXPECT_TRUE(trap.is_write);
    EXPECT_EQ(space.word(constants_frame, 2), 0u);
}

TEST_P(CoreTest, AnAbortLeavesTheBaseRegisterAlone) {
    for (const std::uint32_t word :
         {instruction::store_x0_and_step, instruction::load_pair_and_step,
          instruction::store_pair_and_step}) {
        registers.x[1] = nowhere.value();
        registers.x[2] = 5;
        EXPECT_EQ(run({word, instruction::svc}).kind, TrapKind::DataAbort);
        EXPECT_EQ(registers.x[1], nowhere.value());
        EXPECT_EQ(registers.x[2], 5u);
    }
}

TEST_P(CoreTest, AnAccessThatReachesIntoAnUnmappedPageAbortsThere) {
    const VirtualAddress page_end = data + page_size;
    for (const std::uint32_t word : {instruction::store_x0, instruction::store_q0}) {
        registers.x[0] = ~std::uint64_t{0};
        registers.x[1] = (page_end - 4).value();
        const Trap trap = run({word, instruction::svc});
        EXPECT_EQ(trap.kind, TrapKind::DataAbort);
        EXPECT_EQ(trap.address, page_end);
        EXPECT_EQ(space.word(data_frame, 511), 0u);
    }
}

TEST_P(CoreTest, AnAccessAcrossPagesThatLieApartWorks) {
    space.map(
        data + page_size,
        {.physical = spare_frame, .size_bits = page_bits, .readable = true, .writable = true});
    registers.x[0] = 0x1122'3344'5566'7788;
    registers.x[1] = (data + page_size - 4).value();
    EXPECT_EQ(run({instruction::store_x0, instruction::load_w0, instruction::svc}).kind,
              TrapKind::SystemCall);
    EXPECT_EQ(space.word(data_frame, 511), 0x5566'7788'0000'0000u);
    EXPECT_EQ(space.word(spare_frame), 0x1122'3344u);
}

TEST_P(CoreTest, AnAddressBeyondTheArenaAbortsAndCanBeMapped) {
    const VirtualAddress high{Arena::size + 0x5000};
    registers.x[0] = 9;
    registers.x[1] = high.value();
    EXPECT_EQ(run({instruction::store_x0, instruction::svc}).address, high);
    space.map(
        high,
        {.physical = spare_frame, .size_bits = page_bits, .readable = true, .writable = true});
    EXPECT_EQ(run({instruction::store_x0, instruction::svc}).kind, TrapKind::SystemCall);
    EXPECT_EQ(space.word(spare_frame), 9u);
}

TEST_P(CoreTest, ZeroingABlockAbortsWhereItIsNotMapped) {
    registers.x[1] = nowhere.value() + 64;
    const Trap trap = run({instruction::zero_block, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::DataAbort);
    EXPECT_EQ(trap.address, nowhere + 64);
    EXPECT_EQ(registers.pc, code.value());
}

// --- Fetching ---------------------------------------------------------------------------------

TEST_P(CoreTest, UnmappedCodeAbortsAndRunsOnceItIsMapped) {
    space.write_code({instruction::move_x0_42, instruction::svc}, spare_frame);
    registers.x[1] = nowhere.value();
    const Trap trap = run({instruction::branch_x1});
    EXPECT_EQ(trap.kind, TrapKind::InstructionAbort);
    EXPECT_EQ(trap.cause, AbortCause::Translation);
    EXPECT_EQ(trap.address, nowhere);
    EXPECT_EQ(registers.pc, nowhere.value());

    space.map(
        nowhere,
        {.physical = spare_frame, .size_bits = page_bits, .readable = true, .executable = true});
    EXPECT_EQ(space.run(registers).kind, TrapKind::SystemCall);
    EXPECT_EQ(registers.x[0], 42u);
}

TEST_P(CoreTest, DataIsNotExecuted) {
    registers.x[1] = data.value();
    const Trap trap = run({instruction::branch_x1});
    EXPECT_EQ(trap.kind, TrapKind::InstructionAbort);
    EXPECT_EQ(trap.cause, AbortCause::Permission);
    EXPECT_EQ(registers.pc, data.value());
}

TEST_P(CoreTest, CodeThatRunsIntoAnUnmappedPageAbortsAtItsStart) {
    space.word(code_frame, 511) =
        std::uint64_t{instruction::increment_x2} << 32 | instruction::increment_x2;
    registers.pc = code.value() + page_size - 8;
    const Trap trap = space.run(registers);
    EXPECT_EQ(trap.kind, TrapKind::InstructionAbort);
    EXPECT_EQ(trap.address, code + page_size);
    EXPECT_EQ(registers.x[2], 2u);

    space.write_code({instruction::svc}, spare_frame);
    space.map(
        code + page_size,
        {.physical = spare_frame, .size_bits = page_bits, .readable = true, .executable = true});
    EXPECT_EQ(space.run(registers).kind, TrapKind::SystemCall);
}

TEST_P(CoreTest, RewrittenCodeRunsOnceItIsForgotten) {
    run({instruction::increment_x2, instruction::svc});
    EXPECT_EQ(registers.x[2], 1u);
    run({instruction::move_x0_42, instruction::svc});  // write_code() forgets the frame
    EXPECT_EQ(registers.x[0], 42u);
    EXPECT_EQ(registers.x[2], 1u);
}

TEST_P(CoreTest, UnmappedCodeThatRanBeforeAborts) {
    run({instruction::svc});
    space.unmap(code);
    registers.pc = code.value();
    EXPECT_EQ(space.run(registers).kind, TrapKind::InstructionAbort);
}

// --- Devices ----------------------------------------------------------------------------------

TEST_P(CoreTest, DeviceAccessesReachTheDeviceEveryTime) {
    registers.x[1] = device.value() + 8;
    registers.x[0] = 7;
    const Trap trap = run({instruction::store_w0, instruction::load_w0, instruction::load_byte,
                           instruction::load_x0, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::SystemCall);
    EXPECT_EQ(registers.x[0], 0x55u);
    EXPECT_EQ(space.device_log, "w4=7 r4 r1 r8 ");
}

TEST_P(CoreTest, AnAddressWithoutADeviceIsAnExternalAbort) {
    registers.x[1] = device.value() + 64;
    const Trap trap = run({instruction::load_w0, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::DataAbort);
    EXPECT_EQ(trap.cause, AbortCause::External);
    EXPECT_EQ(trap.address, device + 64);
}

// --- Atomics ----------------------------------------------------------------------------------

TEST_P(CoreTest, AnExclusivePairSucceeds) {
    space.word(data_frame) = 6;
    registers.x[1] = data.value();
    const Trap trap = run({instruction::load_exclusive, instruction::increment_x2,
                           instruction::store_exclusive, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::SystemCall);
    EXPECT_EQ(registers.x[3], 0u);
    EXPECT_EQ(space.word(data_frame), 7u);
}

TEST_P(CoreTest, AReservationDoesNotOutliveATrap) {
    registers.x[1] = data.value();
    run({instruction::load_exclusive, instruction::svc, instruction::store_exclusive,
         instruction::svc});
    EXPECT_EQ(space.run(registers).kind, TrapKind::SystemCall);
    EXPECT_EQ(registers.x[3], 1u);
}

TEST_P(CoreTest, AnExclusiveLoopGoesOnBehindAnAbort) {
    space.word(constants_frame) = 10;
    registers.x[1] = constants.value();
    const Trap trap =
        run({instruction::load_exclusive, instruction::increment_x2, instruction::store_exclusive,
             instruction::retry_exclusive, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::DataAbort);
    EXPECT_TRUE(trap.is_write);
    EXPECT_EQ(registers.pc, code.value() + 8);
    space.map(
        constants,
        {.physical = constants_frame, .size_bits = page_bits, .readable = true, .writable = true});
    EXPECT_EQ(space.run(registers).kind, TrapKind::SystemCall);
    EXPECT_EQ(space.word(constants_frame), 11u);
}

TEST_P(CoreTest, AnInterpretedAtomicWorksBetweenCompiledInstructions) {
    space.word(data_frame) = 30;
    registers.x[0] = 4;
    registers.x[1] = data.value();
    const Trap trap = run({instruction::atomic_add, instruction::atomic_add,
                           instruction::increment_x2, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::SystemCall);
    EXPECT_EQ(space.word(data_frame), 38u);
    EXPECT_EQ(registers.x[2], 35u);
}

TEST_P(CoreTest, AnInterpretedAtomicAbortsPrecisely) {
    registers.x[1] = constants.value();
    const Trap trap = run({instruction::increment_x2, instruction::atomic_add, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::DataAbort);
    EXPECT_EQ(trap.cause, AbortCause::Permission);
    EXPECT_TRUE(trap.is_write);
    EXPECT_EQ(registers.pc, code.value() + 4);
}

}  // namespace

}  // namespace kos::sim
