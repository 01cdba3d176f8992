// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Resolving capability addresses through CNodes, their guards and radixes (manual §3.3).
#pragma once

#include "hostsim/kernel/capability.hpp"
#include "hostsim/kernel/fault.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/thread.hpp"
#include "lib/base/result.hpp"

namespace kos::sim {

struct ResolvedSlot {
    Slot* slot;
    unsigned bits_left;  ///< of the address, where the slot holds no CNode to go on with
};

/// Resolves the low `depth` bits of `address`, from `root` on.
[[nodiscard]] Result<ResolvedSlot, LookupFault> resolve_address(const Capability& root,
                                                                Word address, unsigned depth);

/// The slot that `cptr` names in the thread's CSpace.
[[nodiscard]] Result<Slot*, LookupFault> look_up_slot(const Thread& thread, Word cptr);

/// The slot that an invocation names by root, index and depth: all bits must resolve.
/// `is_source` is told in the error.
[[nodiscard]] Result<Slot*, InvocationError> resolve_slot(const Capability& root, Word index,
                                                          Word depth, bool is_source);

}  // namespace kos::sim
