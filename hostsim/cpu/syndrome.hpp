// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What ESR_EL2 tells about a core's traps (Arm ARM, D17.2.37), in the words that seL4 passes on.
#pragma once

#include "hostsim/cpu/core.hpp"
#include "hostsim/kernel/kernel.hpp"

namespace kos::sim {

/// EC 0, IL 1: an instruction that is unallocated, or not allowed at EL0.
inline constexpr Word undefined_syndrome = 0x0200'0000;

/// EC 0x3c, IL 1, and the immediate of `instruction`, a brk.
[[nodiscard]] constexpr Word breakpoint_syndrome(std::uint32_t instruction) {
    return 0xf200'0000 | (instruction >> 5 & 0xffff);
}

/// Fault status codes, bits 5–0 of a data or instruction abort's syndrome.
inline constexpr Word fault_status_mask = 0x3f;
inline constexpr Word external_abort_status = 0x10;

/// `trap` is an abort.
[[nodiscard]] inline VmFault fault_of(const Trap& trap) {
    const bool is_fetch = trap.kind == TrapKind::InstructionAbort;
    const bool is_mapped = trap.cause != AbortCause::Translation;
    Word syndrome = vm_fault_syndrome(is_fetch, trap.is_write, is_mapped);
    if (trap.cause == AbortCause::External) {
        syndrome = (syndrome & ~fault_status_mask) | external_abort_status;
    }
    return {trap.address, is_fetch, trap.is_write, syndrome};
}

}  // namespace kos::sim
