// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/registers.hpp"

#include <bit>

namespace kos::sim {

namespace {

using ContextWords = std::array<Word, sel4::user_context_words>;

/// The registers in the order of TCB_ReadRegisters.
template <class R>
auto in_context_order(R& registers) {
    auto& x = registers.x;
    return std::array{&registers.fault_ip,
                      &registers.sp,
                      &registers.spsr,
                      &x[0],
                      &x[1],
                      &x[2],
                      &x[3],
                      &x[4],
                      &x[5],
                      &x[6],
                      &x[7],
                      &x[8],
                      &x[16],
                      &x[17],
                      &x[18],
                      &x[29],
                      &x[30],
                      &x[9],
                      &x[10],
                      &x[11],
                      &x[12],
                      &x[13],
                      &x[14],
                      &x[15],
                      &x[19],
                      &x[20],
                      &x[21],
                      &x[22],
                      &x[23],
                      &x[24],
                      &x[25],
                      &x[26],
                      &x[27],
                      &x[28],
                      &registers.tpidr_el0,
                      &registers.tpidrro_el0};
}

}  // namespace

sel4::UserContext Registers::user_context() const {
    const auto places = in_context_order(*this);
    ContextWords words;
    for (unsigned i = 0; i < words.size(); ++i) words[i] = *places[i];
    return std::bit_cast<sel4::UserContext>(words);
}

void Registers::set_user_context(const sel4::UserContext& context, unsigned count, bool has_vcpu) {
    const auto places = in_context_order(*this);
    const auto words = std::bit_cast<ContextWords>(context);
    for (unsigned i = 0; i < words.size() && i < count; ++i) {
        *places[i] = places[i] == &spsr ? sanitised_spsr(words[i], has_vcpu) : words[i];
    }
    pc = fault_ip;
}

void copy_register_sets(const Registers& source, Registers& target, bool frame, bool integer) {
    constexpr std::size_t frame_registers = 17;
    const auto from = in_context_order(source);
    const auto to = in_context_order(target);
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (i < frame_registers ? frame : integer) *to[i] = *from[i];
    }
    if (frame) target.pc = target.fault_ip;
}

}  // namespace kos::sim
