// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/core.hpp"

#include "hostsim/cpu/test_core.hpp"
#include "hostsim/cpu/test_instructions.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace kos::sim {

namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the test's own vocabulary

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
