// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core.hpp"

#include "hostsim/cpu/test_instructions.hpp"
#include "hostsim/cpu/test_space.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace kos::sim {

namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the test's own vocabulary

/// Both kinds of core show the same behaviour.
class CoreTest : public ::testing::TestWithParam<FaultingAccess> {
   protected:
    Trap run(std::initializer_list<std::uint32_t> words, std::uint64_t budget = 1000) {
        space.write_code(words);
        registers.pc = code.value();
        return space.run(registers, budget);
    }

    PhysicalMemory memory = make_memory();
    TestSpace space{memory, GetParam()};
    Registers registers;
};

INSTANTIATE_TEST_SUITE_P(Accesses, CoreTest,
                         ::testing::Values(FaultingAccess::Kept, FaultingAccess::Replaced),
                         [](const auto& access) {
                             return access.param == FaultingAccess::Kept ? "Kept" : "Replaced";
                         });

// --- Traps ------------------------------------------------------------------------------------

TEST_P(CoreTest, ASystemCallStopsBehindTheInstruction) {
    const Trap trap = run({instruction::move_x0_42, instruction::svc});
    EXPECT_EQ(trap.kind, TrapKind::SystemCall);
    EXPECT_EQ(registers.pc, code.value() + 8);
    EXPECT_EQ(registers.x[0], 42u);
}

TEST_P(CoreTest, UndefinedInstructionsStopAtTheInstruction) {
    for (const std::uint32_t word :
         {instruction::udf, instruction::hvc, instruction::smc, instruction::read_main_id,
          instruction::write_read_only_thread_id}) {
        const Trap trap = run({instruction::move_x0_42, word});
        EXPECT_EQ(trap.kind, TrapKind::Undefined) << std::hex << word;
        EXPECT_EQ(trap.instruction, word);
        EXPECT_EQ(registers.pc, code.value() + 4);
    }
}

TEST_P(CoreTest, ABreakpointStopsAtTheInstruction) {
    const Trap trap = run({instruction::brk_7});
    EXPECT_EQ(trap.kind, TrapKind::Breakpoint);
    EXPECT_EQ(trap.instruction, instruction::brk_7);
    EXPECT_EQ(registers.pc, code.value());
}

// --- Time -------------------------------------------------------------------------------------

TEST_P(CoreTest, AnInstructionCostsOneOfTheBudget) {
    run({instruction::move_x0_42, instruction::increment_x2, instruction::svc});
    EXPECT_EQ(space.core().executed(), 3u);
}

TEST_P(CoreTest, AnEndlessLoopEndsWithItsBudget) {
    EXPECT_EQ(run({instruction::branch_to_itself}, 500).kind, TrapKind::Budget);
    EXPECT_EQ(space.core().executed(), 500u);
}

TEST_P(CoreTest, AnEndlessLoopOfIndirectBranchesEndsWithItsBudget) {
    const Trap trap = run({instruction::address_of_itself, instruction::branch_x1}, 500);
    EXPECT_EQ(trap.kind, TrapKind::Budget);
    EXPECT_LE(space.core().executed(), 502u);
}

TEST_P(CoreTest, BothCountersGoOnWithTheInstructions) {
    for (const std::uint32_t read :
         {instruction::read_virtual_counter, instruction::read_physical_counter}) {
        run({read, instruction::svc});
        const std::uint64_t early = registers.x[0];
        run({instruction::increment_x2, instruction::increment_x2, instruction::branch_to_next,
             read, instruction::svc});
        EXPECT_GT(registers.x[0], early);
        EXPECT_LE(registers.x[0], 1005u);
    }
    run({instruction::read_frequency, instruction::svc});
    EXPECT_EQ(registers.x[0], 62'500'000u);
}

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

// --- Registers --------------------------------------------------------------------------------

TEST_P(CoreTest, ThreadRegistersAreLoadedAndStored) {
    registers.tpidr_el0 = 11;
    registers.tpidrro_el0 = 22;
    run({instruction::read_thread_id, instruction::svc});
    EXPECT_EQ(registers.x[0], 11u);
    run({instruction::read_read_only_thread_id, instruction::write_thread_id, instruction::svc});
    EXPECT_EQ(registers.x[0], 22u);
    EXPECT_EQ(registers.tpidr_el0, 22u);
}

TEST_P(CoreTest, FlagsAreLoadedAndStored) {
    constexpr Word mode = 0x140;
    constexpr Word negative_and_carry = 0xa000'0000;
    registers.spsr = negative_and_carry | mode;
    run({instruction::svc});
    EXPECT_EQ(registers.spsr, negative_and_carry | mode);
}

TEST_P(CoreTest, VectorRegistersAreLoadedAndStored) {
    FloatingPoint vectors;
    vectors.v[0] = std::bit_cast<std::uint64_t>(1.25);
    vectors.v[63] = 99;
    vectors.fpcr = 0x0040'0000;  // round towards plus infinity
    space.core().load(vectors);
    run({instruction::double_d0, instruction::d0_to_x0, instruction::svc});
    EXPECT_EQ(std::bit_cast<double>(registers.x[0]), 2.5);
    FloatingPoint stored;
    space.core().store(stored);
    EXPECT_EQ(std::bit_cast<double>(stored.v[0]), 2.5);
    EXPECT_EQ(stored.v[63], 99u);
    EXPECT_EQ(stored.fpcr, vectors.fpcr);
}

TEST_P(CoreTest, AResetCoreKnowsNothingOfItsEarlierLife) {
    FloatingPoint vectors;
    vectors.v[0] = 5;
    space.core().load(vectors);
    run({instruction::move_x0_42, instruction::svc});
    space.core().reset();

    space.core().attach(space);
    space.unmap(data);
    Registers fresh;
    fresh.pc = code.value();
    fresh.x[1] = data.value();
    space.write_code({instruction::load_x0, instruction::svc});
    EXPECT_EQ(space.run(fresh).kind, TrapKind::DataAbort);
    FloatingPoint stored;
    space.core().store(stored);
    EXPECT_EQ(stored.v[0], 0u);
}

TEST_P(CoreTest, CompiledCodeLastsWhereTheSameBytesLieAndNowhereElse) {
    const auto run_again = [&] {
        space.core().reset();
        space.core().attach(space);
        Registers fresh;
        fresh.pc = code.value();
        const Trap trap = space.run(fresh);
        return std::pair{trap.kind, fresh.x[0]};
    };
    run({instruction::move_x0_42, instruction::svc});
    EXPECT_EQ(run_again(), std::pair(TrapKind::SystemCall, Word{42}));
    // The same in another frame.
    std::ranges::copy(space.page(code_frame), space.memory(spare_frame).begin());
    space.map(
        code,
        {.physical = spare_frame, .size_bits = page_bits, .readable = true, .executable = true});
    EXPECT_EQ(run_again(), std::pair(TrapKind::SystemCall, Word{42}));
    // Other bytes, without a word to the core that is not running.
    constexpr std::uint32_t move_x0_43 = instruction::move_x0_42 + (1u << 5);
    std::memcpy(space.memory(spare_frame).data(), &move_x0_43, sizeof move_x0_43);
    EXPECT_EQ(run_again(), std::pair(TrapKind::SystemCall, Word{43}));
    space.map(code, {.physical = spare_frame, .size_bits = page_bits, .readable = true});
    EXPECT_EQ(run_again().first, TrapKind::InstructionAbort);
    space.unmap(code);
    EXPECT_EQ(run_again().first, TrapKind::InstructionAbort);
    space.map(
        code,
        {.physical = code_frame, .size_bits = page_bits, .readable = true, .executable = true});
    EXPECT_EQ(run_again(), std::pair(TrapKind::SystemCall, Word{42}));
}

}  // namespace

}  // namespace kos::sim
