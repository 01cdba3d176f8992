// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/atomics.hpp"

#include <algorithm>

namespace kos::sim {

namespace {

// Fields that the encodings share (Arm ARM, C4.1.94 loads and stores).
unsigned field_rt(std::uint32_t instruction) { return instruction & 31; }
unsigned field_rn(std::uint32_t instruction) { return instruction >> 5 & 31; }
unsigned field_rs(std::uint32_t instruction) { return instruction >> 16 & 31; }
unsigned field_bytes(std::uint32_t instruction) { return 1u << (instruction >> 30); }

/// Atomic memory operation: size 111 0 00 A R 1 Rs o3 opc 00 Rn Rt.
bool is_memory_operation(std::uint32_t instruction) {
    return (instruction & 0x3f20'0c00) == 0x3820'0000;
}
/// Compare and swap: size 001000 1 L 1 Rs o0 11111 Rn Rt.
bool is_compare_and_swap(std::uint32_t instruction) {
    return (instruction & 0x3fa0'7c00) == 0x08a0'7c00;
}
/// Compare and swap pair: 0 sz 001000 0 L 1 Rs o0 11111 Rn Rt.
bool is_compare_and_swap_pair(std::uint32_t instruction) {
    return (instruction & 0xbfa0'7c00) == 0x0820'7c00;
}

/// o3 and opc, bits 15–12.
enum class Operation : std::uint8_t {
    Add = 0,
    Clear = 1,
    ExclusiveOr = 2,
    Set = 3,
    SignedMaximum = 4,
    SignedMinimum = 5,
    UnsignedMaximum = 6,
    UnsignedMinimum = 7,
    Swap = 8,
    LoadAcquire = 12,
};

std::uint64_t truncated(std::uint64_t value, unsigned bytes) {
    return bytes == 8 ? value : value & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

std::int64_t sign_extended(std::uint64_t value, unsigned bytes) {
    const unsigned unused = 64 - 8 * bytes;
    return static_cast<std::int64_t>(value << unused) >> unused;
}

std::optional<std::uint64_t> apply(Operation operation, std::uint64_t memory, std::uint64_t operand,
                                   unsigned bytes) {
    const std::int64_t signed_memory = sign_extended(memory, bytes);
    const std::int64_t signed_operand = sign_extended(operand, bytes);
    switch (operation) {
        case Operation::Add:
            return memory + operand;
        case Operation::Clear:
            return memory & ~operand;
        case Operation::ExclusiveOr:
            return memory ^ operand;
        case Operation::Set:
            return memory | operand;
        case Operation::SignedMaximum:
            return static_cast<std::uint64_t>(std::max(signed_memory, signed_operand));
        case Operation::SignedMinimum:
            return static_cast<std::uint64_t>(std::min(signed_memory, signed_operand));
        case Operation::UnsignedMaximum:
            return std::max(memory, operand);
        case Operation::UnsignedMinimum:
            return std::min(memory, operand);
        case Operation::Swap:
            return operand;
        case Operation::LoadAcquire:
            break;
    }
    return std::nullopt;
}

/// The registers that an instruction names, 31 being the zero register or, as a base, SP.
class Operands {
   public:
    Operands(InterpreterState& state, std::uint32_t instruction)
        : state_(state), instruction_(instruction) {}

    [[nodiscard]] VirtualAddress address() const {
        const unsigned base = field_rn(instruction_);
        return VirtualAddress{base == 31 ? state_.sp() : state_.x(base)};
    }
    [[nodiscard]] std::uint64_t x(unsigned number) const {
        return number == 31 ? 0 : state_.x(number);
    }
    void set_x(unsigned number, std::uint64_t value) {
        if (number != 31) state_.set_x(number, value);
    }

   private:
    InterpreterState& state_;
    std::uint32_t instruction_;
};

Interpreted memory_operation(std::uint32_t instruction, InterpreterState& state) {
    Operands operands{state, instruction};
    const unsigned bytes = field_bytes(instruction);
    const auto operation = static_cast<Operation>(instruction >> 12 & 15);
    if (operation == Operation::LoadAcquire && field_rs(instruction) != 31) {
        return Interpreted::Undefined;
    }
    const VirtualAddress address = operands.address();
    const auto memory = state.read(address, bytes);
    if (!memory) return Interpreted::Abort;
    if (operation != Operation::LoadAcquire) {
        const std::uint64_t operand = truncated(operands.x(field_rs(instruction)), bytes);
        const auto result = apply(operation, *memory, operand, bytes);
        if (!result) return Interpreted::Undefined;
        if (!state.write(address, bytes, truncated(*result, bytes))) return Interpreted::Abort;
    }
    operands.set_x(field_rt(instruction), *memory);
    return Interpreted::Done;
}

Interpreted compare_and_swap(std::uint32_t instruction, InterpreterState& state) {
    Operands operands{state, instruction};
    const unsigned bytes = field_bytes(instruction);
    const VirtualAddress address = operands.address();
    const auto memory = state.read(address, bytes);
    if (!memory) return Interpreted::Abort;
    if (*memory == truncated(operands.x(field_rs(instruction)), bytes)) {
        const std::uint64_t desired = truncated(operands.x(field_rt(instruction)), bytes);
        if (!state.write(address, bytes, desired)) return Interpreted::Abort;
    }
    operands.set_x(field_rs(instruction), *memory);
    return Interpreted::Done;
}

/// Rs, Rs+1 are compared with two words of memory; Rt, Rt+1 take their place.
Interpreted compare_and_swap_pair(std::uint32_t instruction, InterpreterState& state) {
    Operands operands{state, instruction};
    const unsigned bytes = (instruction >> 30 & 1) != 0 ? 8 : 4;
    const unsigned expected = field_rs(instruction);
    const unsigned desired = field_rt(instruction);
    if (expected % 2 != 0 || desired % 2 != 0) return Interpreted::Undefined;
    const VirtualAddress address = operands.address();
    const auto low = state.read(address, bytes);
    const auto high = low ? state.read(address + bytes, bytes) : std::nullopt;
    if (!high) return Interpreted::Abort;
    if (*low == truncated(operands.x(expected), bytes) &&
        *high == truncated(operands.x(expected + 1), bytes)) {
        // A pair is aligned to its size, so the second word is writable where the first one is.
        if (!state.write(address, bytes, truncated(operands.x(desired), bytes)) ||
            !state.write(address + bytes, bytes, truncated(operands.x(desired + 1), bytes))) {
            return Interpreted::Abort;
        }
    }
    operands.set_x(expected, *low);
    operands.set_x(expected + 1, *high);
    return Interpreted::Done;
}

}  // namespace

Interpreted interpret_atomic(std::uint32_t instruction, InterpreterState& state) {
    if (is_memory_operation(instruction)) return memory_operation(instruction, state);
    if (is_compare_and_swap(instruction)) return compare_and_swap(instruction, state);
    if (is_compare_and_swap_pair(instruction)) return compare_and_swap_pair(instruction, state);
    return Interpreted::Undefined;
}

}  // namespace kos::sim
