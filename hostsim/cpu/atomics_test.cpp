// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Atomic instructions against the host's own atomics, with operands of every kind.
#include "hostsim/cpu/atomics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <type_traits>
#include <vector>

namespace kos::sim {

namespace {

constexpr VirtualAddress memory_address{0x1000};
constexpr unsigned source = 3, target = 4, base = 5;

/// Sixteen bytes of memory, of which nothing else is mapped.
class FakeState final : public InterpreterState {
   public:
    FakeState() { registers[base] = memory_address.value(); }

    std::uint64_t x(unsigned number) const override { return registers.at(number); }
    void set_x(unsigned number, std::uint64_t value) override { registers.at(number) = value; }
    std::uint64_t sp() const override { return memory_address.value() + 8; }
    std::optional<std::uint64_t> read(VirtualAddress address, unsigned bytes) override {
        if (!holds(address, bytes)) return std::nullopt;
        std::uint64_t value = 0;
        std::memcpy(&value, memory.data() + (address - memory_address), bytes);
        return value;
    }
    bool write(VirtualAddress address, unsigned bytes, std::uint64_t value) override {
        if (!writable || !holds(address, bytes)) return false;
        std::memcpy(memory.data() + (address - memory_address), &value, bytes);
        return true;
    }
    std::uint64_t counter() const override { return 0; }

    template <class T>
    T value(std::size_t index = 0) const {
        T result;
        std::memcpy(&result, memory.data() + index * sizeof(T), sizeof(T));
        return result;
    }
    template <class T>
    void set_value(T contents, std::size_t index = 0) {
        std::memcpy(memory.data() + index * sizeof(T), &contents, sizeof(T));
    }

    std::array<std::uint64_t, 31> registers{};
    std::array<std::byte, 16> memory{};
    bool writable = true;

   private:
    bool holds(VirtualAddress address, unsigned bytes) const {
        return address >= memory_address &&
               range_within(address - memory_address, bytes, memory.size());
    }
};

template <class T>
constexpr std::uint32_t size_field() {
    return static_cast<std::uint32_t>(std::countr_zero(sizeof(T))) << 30;
}

/// LDADD and its siblings with o3:opc = `operation`.
template <class T>
constexpr std::uint32_t encode(unsigned operation) {
    return size_field<T>() | 0x3820'0000 | source << 16 | operation << 12 | base << 5 | target;
}
template <class T>
constexpr std::uint32_t encode_compare_and_swap() {
    return size_field<T>() | 0x08a0'7c00 | source << 16 | base << 5 | target;
}

template <class T>
using Oracle = std::function<T(T memory, T operand)>;

template <class T>
std::vector<Oracle<T>> oracles() {
    using Signed = std::make_signed_t<T>;
    const auto as_signed = [](auto select) {
        return [select](T a, T b) {
            return static_cast<T>(select(static_cast<Signed>(a), static_cast<Signed>(b)));
        };
    };
    return {
        [](T a, T b) { return static_cast<T>(a + b); },
        [](T a, T b) { return static_cast<T>(a & ~b); },
        [](T a, T b) { return static_cast<T>(a ^ b); },
        [](T a, T b) { return static_cast<T>(a | b); },
        as_signed([](Signed a, Signed b) { return std::max(a, b); }),
        as_signed([](Signed a, Signed b) { return std::min(a, b); }),
        [](T a, T b) { return std::max(a, b); },
        [](T a, T b) { return std::min(a, b); },
        [](T, T b) { return b; },
    };
}

template <class T>
void check_operations() {
    const auto memory = *rc::gen::arbitrary<T>();
    const auto operand = *rc::gen::arbitrary<T>();
    const auto above = *rc::gen::arbitrary<std::uint64_t>();
    const auto all = oracles<T>();
    for (unsigned operation = 0; operation < all.size(); ++operation) {
        FakeState state;
        state.set_value(memory);
        // What lies above the operand's size in its register must not matter.
        state.registers[source] = (sizeof(T) == 8 ? 0 : above << (8 * (sizeof(T) % 8))) | operand;
        RC_ASSERT(interpret_atomic(encode<T>(operation), state) == Interpreted::Done);
        RC_ASSERT(state.value<T>() == all[operation](memory, operand));
        RC_ASSERT(state.value<T>(1) == 0);
        RC_ASSERT(state.registers[target] == memory);
    }
}

RC_GTEST_PROP(AtomicsTest, ByteOperationsMatchTheirDefinition, ()) {
    check_operations<std::uint8_t>();
}
RC_GTEST_PROP(AtomicsTest, HalfWordOperationsMatchTheirDefinition, ()) {
    check_operations<std::uint16_t>();
}
RC_GTEST_PROP(AtomicsTest, WordOperationsMatchTheirDefinition, ()) {
    check_operations<std::uint32_t>();
}
RC_GTEST_PROP(AtomicsTest, DoubleWordOperationsMatchTheirDefinition, ()) {
    check_operations<std::uint64_t>();
}

RC_GTEST_PROP(AtomicsTest, CompareAndSwapStoresOnlyWhereItCompares, ()) {
    const auto memory = *rc::gen::arbitrary<std::uint32_t>();
    const auto expected = *rc::gen::element(memory, memory + 1);
    const auto desired = *rc::gen::arbitrary<std::uint32_t>();
    FakeState state;
    state.set_value(memory);
    state.registers[source] = expected;
    state.registers[target] = desired;
    RC_ASSERT(interpret_atomic(encode_compare_and_swap<std::uint32_t>(), state) ==
              Interpreted::Done);
    RC_ASSERT(state.value<std::uint32_t>() == (expected == memory ? desired : memory));
    RC_ASSERT(state.registers[source] == memory);
}

TEST(AtomicsTest, CompareAndSwapPairNeedsBothHalvesEqual) {
    constexpr std::uint32_t casp_x6_x8 = 0x4820'7c00 | 6 << 16 | base << 5 | 8;
    for (const std::uint64_t high : {2u, 3u}) {
        FakeState state;
        state.set_value<std::uint64_t>(1, 0);
        state.set_value<std::uint64_t>(high, 1);
        state.registers[6] = 1;
        state.registers[7] = 2;
        state.registers[8] = 11;
        state.registers[9] = 12;
        EXPECT_EQ(interpret_atomic(casp_x6_x8, state), Interpreted::Done);
        EXPECT_EQ(state.value<std::uint64_t>(0), high == 2 ? 11u : 1u);
        EXPECT_EQ(state.value<std::uint64_t>(1), high == 2 ? 12u : 3u);
        EXPECT_EQ(state.registers[6], 1u);
        EXPECT_EQ(state.registers[7], high);
    }
}

TEST(AtomicsTest, APairThatStartsAtAnOddRegisterIsUndefined) {
    FakeState state;
    EXPECT_EQ(interpret_atomic(0x4820'7c00 | 7 << 16 | base << 5 | 8, state),
              Interpreted::Undefined);
}

TEST(AtomicsTest, RegisterThirtyOneIsTheStackPointerAsABaseAndZeroElsewhere) {
    FakeState state;
    state.set_value<std::uint64_t>(9, 1);
    constexpr std::uint32_t swp_xzr_xzr_sp = 0xf820'8000 | 31 << 16 | 31 << 5 | 31;
    EXPECT_EQ(interpret_atomic(swp_xzr_xzr_sp, state), Interpreted::Done);
    EXPECT_EQ(state.value<std::uint64_t>(1), 0u);
}

TEST(AtomicsTest, LoadAcquireOnlyReads) {
    FakeState state;
    state.writable = false;
    state.set_value<std::uint32_t>(77);
    constexpr std::uint32_t ldapr_w4 = 0xb8bf'c000 | base << 5 | target;
    EXPECT_EQ(interpret_atomic(ldapr_w4, state), Interpreted::Done);
    EXPECT_EQ(state.registers[target], 77u);
}

TEST(AtomicsTest, AFailedWriteChangesNoRegister) {
    FakeState state;
    state.writable = false;
    state.registers[target] = 5;
    EXPECT_EQ(interpret_atomic(encode<std::uint32_t>(0), state), Interpreted::Abort);
    EXPECT_EQ(state.registers[target], 5u);
}

TEST(AtomicsTest, OtherInstructionsAreUndefined) {
    FakeState state;
    for (const std::uint32_t word : {0x0000'0000u, 0xd503'201fu, 0xf820'9000u | base << 5}) {
        EXPECT_EQ(interpret_atomic(word, state), Interpreted::Undefined) << std::hex << word;
    }
}

}  // namespace

}  // namespace kos::sim
