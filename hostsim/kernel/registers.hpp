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

struct Registers {
    std::array<Word, 31> x{};
    Word sp = 0;
    Word pc = 0;        ///< of the next instruction; behind the `svc` when the thread traps
    Word spsr = 0x140;  ///< EL0t; interrupts and asynchronous aborts as the kernel sets them
    Word tpidr_el0 = 0;
    Word tpidrro_el0 = 0;
    /// Of the instruction that trapped: where the thread restarts. The kernel sets it.
    Word fault_ip = 0;

    /// In the order of TCB_ReadRegisters.
    [[nodiscard]] sel4::UserContext user_context() const;
    void set_user_context(const sel4::UserContext& context, unsigned words);
};

/// Vector registers, which the kernel only carries about.
struct FloatingPoint {
    alignas(16) std::array<std::uint64_t, 64> v{};
    std::uint32_t fpcr = 0;
    std::uint32_t fpsr = 0;
};

}  // namespace kos::sim
