// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The registers of a simulated thread. A front end loads them before it runs the thread and stores
// them before it calls the kernel.
#pragma once

#include "lib/sel4/types.hpp"

#include <array>
#include <cstdint>

namespace kos::sim {

using sel4::Word;

/// SPSR of a thread at EL0 (debug kernels: asynchronous aborts are not masked).
inline constexpr Word user_pstate = 0x40;
/// A thread stays at EL0 with interrupts on: only the condition flags are its own.
[[nodiscard]] constexpr Word sanitised_spsr(Word spsr) {
    return (spsr & 0xf000'0000) | user_pstate;
}
/// With a VCPU it may be at EL1 as well, and then every bit is its own.
[[nodiscard]] constexpr Word sanitised_spsr(Word spsr, bool has_vcpu) {
    constexpr Word mode_mask = 0x1f, el0 = 0, el1_sp0 = 4, el1 = 5;
    const Word mode = spsr & mode_mask;
    const bool is_guest_mode = mode == el0 || mode == el1_sp0 || mode == el1;
    return has_vcpu && is_guest_mode ? spsr : sanitised_spsr(spsr);
}

struct Registers {
    std::array<Word, 31> x{};
    Word sp = 0;
    Word pc = 0;  ///< of the next instruction; behind the `svc` when the thread traps
    Word spsr = user_pstate;
    Word tpidr_el0 = 0;
    Word tpidrro_el0 = 0;
    /// Of the instruction that trapped: where the thread restarts. The kernel sets it.
    Word fault_ip = 0;

    /// As TCB_ReadRegisters gives them: `pc` of the context is where the thread restarts.
    [[nodiscard]] sel4::UserContext user_context() const;
    /// As TCB_WriteRegisters takes the first `count` words: the thread goes on at the new `pc`.
    void set_user_context(const sel4::UserContext& context, unsigned count, bool has_vcpu);
};

/// As TCB_CopyRegisters: the frame registers (pc, sp, spsr, x0–x8, x16–x18, x29, x30), the others,
/// or both.
void copy_register_sets(const Registers& source, Registers& target, bool frame, bool integer);

/// Vector registers, which the kernel only carries about.
struct FloatingPoint {
    alignas(16) std::array<std::uint64_t, 64> v{};
    std::uint32_t fpcr = 0;
    std::uint32_t fpsr = 0;
};

}  // namespace kos::sim
