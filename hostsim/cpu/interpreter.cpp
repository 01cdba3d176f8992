// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/interpreter.hpp"

#include "hostsim/cpu/atomics.hpp"

namespace kos::sim {

namespace {

/// `mrs xt, <register>`: op0, op1, CRn, CRm and op2 in bits 20–5.
constexpr std::uint32_t mrs_mask = 0xffff'ffe0;
constexpr std::uint32_t mrs_cntvct_el0 = 0xd53b'e040;
constexpr std::uint32_t mrs_cntpct_el0 = 0xd53b'e020;

bool is_counter_read(std::uint32_t instruction) {
    const std::uint32_t mrs = instruction & mrs_mask;
    return mrs == mrs_cntvct_el0 || mrs == mrs_cntpct_el0;
}

}  // namespace

Interpreted interpret(std::uint32_t instruction, InterpreterState& state) {
    if (is_counter_read(instruction)) {
        const unsigned target = instruction & 31;
        if (target != 31) state.set_x(target, state.counter());
        return Interpreted::Done;
    }
    return interpret_atomic(instruction, state);
}

}  // namespace kos::sim
