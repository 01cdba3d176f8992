// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Virtual CPUs as capabilities see them (manual §6.6): what registers hold, and which thread has
// which. No guest runs here: a thread with a VCPU runs as any other, and the interrupts that are
// injected reach nobody.
#pragma once

#include "hostsim/kernel/object.hpp"
#include "lib/sel4/types.hpp"

#include <array>

namespace kos::sim {

struct State;
struct Thread;

/// Registers that VCPU_ReadRegs and VCPU_WriteRegs name (seL4_VCPUReg_Num).
inline constexpr unsigned vcpu_registers = 24;
/// Of the interrupt controller of qemu_virt_aarch64.
inline constexpr unsigned vcpu_list_registers = 4;

struct Vcpu final : Object {
    Vcpu();

    Thread* thread = nullptr;
    std::array<sel4::Word, vcpu_registers> registers{};
};

/// Both give up what they had before.
void associate(Vcpu& vcpu, Thread& thread);
/// Where \p vcpu has a thread: that is at EL0 again.
void dissociate(Vcpu& vcpu);

}  // namespace kos::sim
