// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/rewrite/rewrite.hpp"

#include "lib/native/thread_block.hpp"
#include "loader/elf/code.hpp"
#include "loader/rewrite/stub.hpp"
#include "loader/testing/elf_builder.hpp"
#include "loader/testing/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace kos::rewrite {
namespace {

using kos::testing::code_of;
using kos::testing::nop;

constexpr VirtualAddress text{0x1000'0000};
constexpr VirtualAddress near_stubs{0x1010'0000};
constexpr VirtualAddress far_stubs{0x3000'0000};
constexpr Instruction svc_0 = 0xd400'0001;

Instruction word_at(Bytes bytes, std::uint64_t offset) { return *read_at<Le32>(bytes, offset); }

/// Text that was rewritten, with everything that came of it.
struct Outcome {
    std::vector<std::byte> code, stubs;
    std::vector<manifest::Undo> undo;
    Rewritten result;

    [[nodiscard]] Instruction site(std::size_t index) const { return word_at(code, index * 4); }
    [[nodiscard]] Instruction stub_word(VirtualAddress base, VirtualAddress at) const {
        return word_at(stubs, at - base);
    }
};

Outcome rewritten(std::vector<std::byte> code, VirtualAddress stubs = near_stubs,
                  VirtualAddress at = text) {
    Outcome outcome{std::move(code), {}, {}, {}};
    const Code range{at, outcome.code};
    const Counts counts = measure({&range, 1});
    outcome.stubs.resize(counts.stub_bytes());
    outcome.undo.resize(counts.sites());
    outcome.result =
        must(rewrite({&range, 1}, {stubs, outcome.stubs}, outcome.undo), "room as measured");
    return outcome;
}

TEST(InstructionTest, WordsAreThoseOfTheAssembler) {
    // aarch64-linux-gnu-as, objdump -d
    EXPECT_EQ(write_thread_pointer(x0), 0xd51bd040u);
    EXPECT_EQ(write_thread_pointer(zero_register), 0xd51bd05fu);
    EXPECT_EQ(read_thread_pointer(x1), 0xd53bd041u);
    EXPECT_EQ(read_thread_block(x0), 0xd53bd060u);
    EXPECT_EQ(store(x30, x0, 0x18), 0xf9000c1eu);
    EXPECT_EQ(load(x1, x0, 0x08), 0xf9400401u);
    EXPECT_EQ(branch_to_register(x1), 0xd61f0020u);
    EXPECT_EQ(branch(VirtualAddress{0x1000}, VirtualAddress{0x1008}), 0x14000002u);
    EXPECT_EQ(branch(VirtualAddress{0x1008}, VirtualAddress{0x1000}), 0x17fffffeu);
    EXPECT_EQ(branch_with_link(VirtualAddress{0}, VirtualAddress{4}), 0x94000001u);
    EXPECT_EQ(add(x8, 172), 0x9102b108u);
    EXPECT_EQ(subtract(x8, 172), 0xd102b108u);
    EXPECT_EQ(set(x8, 173), 0xd28015a8u);
    EXPECT_EQ(branch_if_not_zero(x8, 5), 0xb50000a8u);
    EXPECT_EQ(value_set(0xd28015a8, x8), 173u);  // mov x8, #173
    EXPECT_EQ(value_set(0x528015a8, x8), 173u);  // mov w8, #173
    EXPECT_FALSE(value_set(0xd28015a9, x8));     // mov x9, #173
    EXPECT_FALSE(value_set(0xd2a015a8, x8));     // mov x8, #173 << 16
    EXPECT_FALSE(value_set(0xf28015a8, x8));     // movk x8, #173
}

TEST(InstructionTest, EveryImmediateOfASystemCallCountsAndNoNeighbouringEncoding) {
    EXPECT_TRUE(is_system_call(svc_0));
    EXPECT_TRUE(is_system_call(svc_0 | 0xffff << 5));
    EXPECT_FALSE(is_system_call(0xd4000002));                    // hvc
    EXPECT_FALSE(is_system_call(0xd4000003));                    // smc
    EXPECT_FALSE(is_system_call(0xd4200000));                    // brk
    EXPECT_FALSE(thread_pointer_write(0xd51bd060).has_value());  // msr tpidrro_el0, x0
    EXPECT_FALSE(thread_pointer_write(0xd53bd040).has_value());  // mrs x0, tpidr_el0
}

RC_GTEST_PROP(InstructionTest, ABranchDecodesToWhereItWasEncodedTo, ()) {
    const VirtualAddress from{*rc::gen::inRange<std::uint64_t>(1 << 28, 1 << 29) * 4};
    const VirtualAddress to{*rc::gen::inRange<std::uint64_t>(1 << 28, 1 << 29) * 4};
    RC_PRE(branch_reaches(from, to));
    RC_ASSERT(branch_target(branch(from, to), from) == to);
    RC_ASSERT(branch_target(branch_with_link(from, to), from) == to);
}

TEST(InstructionTest, TheReachOfABranchIsExact) {
    constexpr std::uint64_t reach = 128u << 20;
    const VirtualAddress from{0x4000'0000};
    for (const VirtualAddress to : {from + (reach - 4), from - reach}) {
        EXPECT_TRUE(branch_reaches(from, to));
        EXPECT_EQ(branch_target(branch(from, to), from), to);
    }
    EXPECT_FALSE(branch_reaches(from, from + reach));
    EXPECT_FALSE(branch_reaches(from, from - reach - 4));
}

TEST(RewriteTest, ASystemCallGoesThroughItsStubAndComesBackBehindItself) {
    const Outcome outcome = rewritten(code_of({nop, svc_0, nop}));
    EXPECT_EQ(outcome.site(0), nop);
    const VirtualAddress stub = *branch_target(outcome.site(1), text + 4);
    const auto expected = system_call_stub(stub, near_stubs, text + 4);
    for (std::uint64_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(outcome.stub_word(near_stubs, stub + 4 * i), expected[i]);
    }
    EXPECT_EQ(branch_target(expected[3], stub + 12), near_stubs);
    EXPECT_EQ(branch_target(expected[6], stub + 24), text + 8);
    EXPECT_EQ(outcome.result.counts.system_calls, 1u);
    EXPECT_EQ(outcome.result.stub_bytes, outcome.stubs.size());
}

TEST(RewriteTest, ACallWhoseAnswerIsKnownAsksNobodyUnlessItIsAnother) {
    constexpr unsigned getppid = 173;
    const Outcome outcome = rewritten(code_of({set(x8, getppid), svc_0, svc_0}));
    const VirtualAddress stub = *branch_target(outcome.site(1), text + 4);
    const auto expected = known_call_stub(stub, near_stubs, text + 4, getppid);
    for (std::uint64_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(outcome.stub_word(near_stubs, stub + 4 * i), expected[i]);
    }
    EXPECT_EQ(expected[3], load(x0, x8, native::thread_block_offset::known + 8));
    EXPECT_EQ(branch_target(expected[5], stub + 20), text + 8);
    EXPECT_EQ(branch_target(expected[10], stub + 40), near_stubs);
    EXPECT_EQ(branch_target(expected[13], stub + 52), text + 8);
    EXPECT_EQ(outcome.result.counts.known_calls, 1u);
    EXPECT_EQ(outcome.result.stub_bytes, outcome.stubs.size());
    EXPECT_EQ(branch_target(outcome.site(2), text + 8), stub + 4 * expected.size());
    for (const unsigned other : {171u, 179u}) {
        EXPECT_EQ(rewritten(code_of({set(x8, other), svc_0})).result.counts.known_calls, 0u);
    }
}

TEST(RewriteTest, AWriteOfTheThreadPointerLeavesACopyInTheThreadBlock) {
    const Outcome outcome = rewritten(code_of({write_thread_pointer(Register{5})}));
    const VirtualAddress stub = *branch_target(outcome.site(0), text);
    const std::array<Instruction, 6> expected{
        write_thread_pointer(x0),
        read_thread_block(x0),
        store(Register{5}, x0, native::thread_block_offset::thread_pointer),
        read_thread_pointer(x0),
        write_thread_pointer(Register{5}),
        branch(stub + 20, text + 4)};
    for (std::uint64_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(outcome.stub_word(near_stubs, stub + 4 * i), expected[i]);
    }
}

TEST(RewriteTest, TheScratchRegisterIsNeverTheSource) {
    for (std::uint32_t number = 0; number < 32; ++number) {
        const auto words = thread_pointer_stub(near_stubs, Register{number}, text);
        EXPECT_NE(thread_pointer_write(words[0])->number, number);
        EXPECT_EQ(thread_pointer_write(words[4])->number, number);
    }
}

TEST(RewriteTest, ASiteOutOfReachBecomesAnUndefinedInstructionOfItsKind) {
    const Outcome outcome = rewritten(code_of({svc_0, write_thread_pointer(x0)}), far_stubs);
    EXPECT_EQ(outcome.site(0), undefined(undefined_system_call));
    EXPECT_EQ(outcome.site(1), undefined(undefined_thread_pointer));
    EXPECT_EQ(outcome.result.counts.unreachable, 2u);
}

TEST(RewriteTest, TooLittleRoomIsRefusedBeforeAnythingIsChanged) {
    std::vector<std::byte> code = code_of({svc_0});
    const std::vector<std::byte> before = code;
    const Code range{text, code};
    std::vector<std::byte> stubs(measure({&range, 1}).stub_bytes());
    std::array<manifest::Undo, 1> undo;
    const MutableBytes room{stubs};
    EXPECT_EQ(rewrite({&range, 1}, {near_stubs, room.first(room.size() - 1)}, undo).error(),
              Error::StubSpace);
    EXPECT_EQ(rewrite({&range, 1}, {near_stubs, room}, {}).error(), Error::UndoSpace);
    const Code odd{text + 2, code};
    EXPECT_EQ(rewrite({&odd, 1}, {near_stubs, room}, undo).error(), Error::Alignment);
    EXPECT_EQ(code, before);
}

TEST(RewriteTest, CodeWithoutSystemCallsNeedsNoStubs) {
    const Outcome outcome = rewritten(code_of({nop, 0xd4000002, nop}));
    EXPECT_TRUE(outcome.stubs.empty());
    EXPECT_EQ(outcome.code, code_of({nop, 0xd4000002, nop}));
}

/// Words among which the interesting ones are frequent.
std::vector<std::uint32_t> any_words() {
    return *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
        rc::gen::map(rc::gen::inRange(0u, 0x10000u),
                     [](std::uint32_t n) { return svc_0 | n << 5; }),
        rc::gen::map(rc::gen::inRange(170u, 181u), [](std::uint32_t n) { return set(x8, n); }),
        rc::gen::map(rc::gen::inRange(0u, 32u),
                     [](std::uint32_t n) { return write_thread_pointer(Register{n}); }),
        rc::gen::arbitrary<std::uint32_t>()));
}

RC_GTEST_PROP(RewriteTest, EverySiteComesBackBehindItselfAndUndoingGivesTheOriginal, ()) {
    const std::vector<std::byte> original = code_of(any_words());
    // Around the edge of what a branch reaches, so that some sites are out of reach.
    const VirtualAddress at =
        near_stubs - (128u << 20) - *rc::gen::inRange<std::uint64_t>(0, 64) * 4;
    const Outcome outcome = rewritten(original, near_stubs, at);
    std::size_t undone = 0;
    for (std::uint64_t offset = 0; offset < original.size(); offset += 4) {
        const Instruction before = word_at(original, offset);
        const Instruction after = word_at(outcome.code, offset);
        RC_ASSERT(!is_system_call(after) && !thread_pointer_write(after));
        if (!is_system_call(before) && !thread_pointer_write(before)) {
            RC_ASSERT(after == before);
            continue;
        }
        RC_ASSERT(outcome.undo[undone].address == (at + offset).value());
        RC_ASSERT(outcome.undo[undone++].original == before);
        const auto stub = branch_target(after, at + offset);
        if (!stub) {
            RC_ASSERT(after == undefined_system_call || after == undefined_thread_pointer);
            continue;
        }
        std::uint64_t last = is_system_call(before) ? 24 : 20;
        const auto number =
            offset == 0 ? std::nullopt : value_set(word_at(original, offset - 4), x8);
        if (is_system_call(before) && number && *number >= 172 && *number <= 178) last = 52;
        RC_ASSERT(branch_target(outcome.stub_word(near_stubs, *stub + last), *stub + last) ==
                  at + offset + 4);
    }
    RC_ASSERT(undone == outcome.undo.size());

    std::vector<std::byte> restored = outcome.code;
    restore(outcome.undo, {at, restored});
    RC_ASSERT(restored == original);
}

TEST(RewriteTest, NoSystemCallIsLeftInARealProgram) {
    for (const char* name : {"static", "static-pie"}) {
        std::vector<std::byte> bytes = kos::testing::sample(name);
        const std::vector<std::byte> original = bytes;
        const elf::File file = must(elf::File::create(original), "the compiler made it");
        const std::vector<elf::Range> ranges = must(elf::code_ranges(file), "the compiler made it");
        std::vector<Code> code;
        for (const elf::Range& range : ranges) {
            const Bytes part = *file.at(range.address, range.size);
            code.push_back(
                {range.address,
                 MutableBytes{bytes}.subspan(
                     static_cast<std::size_t>(part.data() - original.data()), part.size())});
        }
        const Counts counts = measure(code);
        EXPECT_GT(counts.system_calls, 20u);
        EXPECT_GE(counts.thread_pointer_writes, 1u);
        std::vector<std::byte> stubs(counts.stub_bytes());
        std::vector<manifest::Undo> undo(counts.sites());
        const VirtualAddress behind = file.page_end();
        const auto result = rewrite(code, {behind, stubs}, undo);
        ASSERT_TRUE(result.ok());
        EXPECT_EQ(result->counts.unreachable, 0u);
        EXPECT_EQ(measure(code).sites(), 0u);
        EXPECT_NE(bytes, original);
        for (const Code& range : code) restore(undo, range);
        EXPECT_EQ(bytes, original);
    }
}

}  // namespace
}  // namespace kos::rewrite
