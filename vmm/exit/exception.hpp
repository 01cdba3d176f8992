// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An exception that a guest takes to its EL1 (Arm ARM, D1.3.1 and the pseudocode
// AArch64.TakeException).
#pragma once

#include "vmm/exit/cpu.hpp"

namespace kos::vmm {

enum class GuestException : std::uint8_t {
    Undefined,         ///< the instruction is not one
    DataAbort,         ///< synchronous external abort of a load or store
    InstructionAbort,  ///< likewise of a fetch
};

/// Makes the guest, stopped with \p context, take \p exception instead of going on. \p write is
/// whether a data abort was a store.
sel4::Invoked raise(VirtualCpu& cpu, const sel4::UserContext& context, GuestException exception,
                    bool write = false);

}  // namespace kos::vmm
