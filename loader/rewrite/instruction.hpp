// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The A64 instructions that the rewriter reads and writes, as words.
// Source: Arm Architecture Reference Manual for A-profile (DDI 0487), C6.2.
#pragma once

#include "lib/base/address.hpp"

#include <cstdint>
#include <optional>

namespace kos::rewrite {

using Instruction = std::uint32_t;
inline constexpr std::uint64_t instruction_size = 4;

/// A general register; 31 is the zero register.
struct Register {
    std::uint32_t number;
    friend constexpr bool operator==(Register, Register) = default;
};
inline constexpr Register x0{0}, x1{1}, x8{8}, x30{30}, zero_register{31};

/// `svc #imm16`, any immediate: the kernel looks at none.
[[nodiscard]] constexpr bool is_system_call(Instruction word) {
    return (word & 0xffe0'001f) == 0xd400'0001;
}
/// The source of `msr tpidr_el0, xN`.
[[nodiscard]] constexpr std::optional<Register> thread_pointer_write(Instruction word) {
    if ((word & 0xffff'ffe0) != 0xd51b'd040) return std::nullopt;
    return Register{word & 31};
}

[[nodiscard]] constexpr Instruction write_thread_pointer(Register source) {
    return 0xd51b'd040 | source.number;  // msr tpidr_el0, x
}
[[nodiscard]] constexpr Instruction read_thread_pointer(Register target) {
    return 0xd53b'd040 | target.number;  // mrs x, tpidr_el0
}
[[nodiscard]] constexpr Instruction read_thread_block(Register target) {
    return 0xd53b'd060 | target.number;  // mrs x, tpidrro_el0
}
/// `offset`: a multiple of 8 below 32768.
[[nodiscard]] constexpr Instruction store(Register value, Register base, unsigned offset) {
    return 0xf900'0000 | (offset / 8) << 10 | base.number << 5 | value.number;  // str x, [x, #…]
}
[[nodiscard]] constexpr Instruction load(Register target, Register base, unsigned offset) {
    return 0xf940'0000 | (offset / 8) << 10 | base.number << 5 | target.number;  // ldr x, [x, #…]
}
[[nodiscard]] constexpr Instruction branch_to_register(Register target) {
    return 0xd61f'0000 | target.number << 5;  // br x
}
/// `value`: below 4096.
[[nodiscard]] constexpr Instruction add(Register target, unsigned value) {
    return 0x9100'0000 | value << 10 | target.number << 5 | target.number;  // add x, x, #…
}
[[nodiscard]] constexpr Instruction subtract(Register target, unsigned value) {
    return 0xd100'0000 | value << 10 | target.number << 5 | target.number;  // sub x, x, #…
}
/// `value`: below 65536.
[[nodiscard]] constexpr Instruction set(Register target, unsigned value) {
    return 0xd280'0000 | value << 5 | target.number;  // mov x, #…
}
/// What `mov xN, #…` or `mov wN, #…` sets the register to, of 16 bits; nothing for other words.
[[nodiscard]] constexpr std::optional<unsigned> value_set(Instruction word, Register target) {
    if ((word & 0x7fe0'001f) != (0x5280'0000 | target.number)) return std::nullopt;
    return word >> 5 & 0xffff;
}
/// `words`: how many instructions ahead.
[[nodiscard]] constexpr Instruction branch_if_not_zero(Register value, unsigned words) {
    return 0xb500'0000 | words << 5 | value.number;  // cbnz x, …
}
/// Permanently undefined: always an exception.
[[nodiscard]] constexpr Instruction undefined(std::uint16_t immediate) { return immediate; }

/// `b` reaches [−128 MiB, 128 MiB).
[[nodiscard]] constexpr bool branch_reaches(VirtualAddress from, VirtualAddress to) {
    constexpr std::uint64_t reach = 128u << 20;
    return to >= from ? to - from < reach : from - to <= reach;
}
[[nodiscard]] constexpr Instruction branch_offset(VirtualAddress from, VirtualAddress to) {
    return static_cast<Instruction>((to - from) / instruction_size) & 0x03ff'ffff;
}
/// `to` must be in reach.
[[nodiscard]] constexpr Instruction branch(VirtualAddress from, VirtualAddress to) {
    return 0x1400'0000 | branch_offset(from, to);
}
[[nodiscard]] constexpr Instruction branch_with_link(VirtualAddress from, VirtualAddress to) {
    return 0x9400'0000 | branch_offset(from, to);
}
/// Where the `b` or `bl` at `from` goes; nothing for other instructions.
[[nodiscard]] constexpr std::optional<VirtualAddress> branch_target(Instruction word,
                                                                    VirtualAddress from) {
    if ((word & 0x7c00'0000) != 0x1400'0000) return std::nullopt;
    const auto offset = static_cast<std::int64_t>(static_cast<std::int32_t>(word << 6) >> 6) * 4;
    return VirtualAddress{from.value() + static_cast<std::uint64_t>(offset)};
}

}  // namespace kos::rewrite
