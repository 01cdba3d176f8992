// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The derivation list: which capability came from which, and what goes when one is deleted or
// revoked (manual §3.1.4, §3.2).
//
// All capabilities are in lists where descendants follow their ancestor. A capability's children
// are the following ones whose region lies within its own; nothing else tells who the parent is.
#pragma once

#include "hostsim/kernel/capability.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "lib/base/result.hpp"

namespace kos::sim {

/// What a copy of `cap`, which `slot` holds, is: Null where it can't be copied.
[[nodiscard]] Result<Capability, InvocationError> derive(const Slot& slot, const Capability& cap);

[[nodiscard]] bool has_children(const Slot& slot);
/// No other capability names the object.
[[nodiscard]] bool is_final(const Slot& slot);
/// Deleting what the slot holds means emptying other slots.
[[nodiscard]] bool takes_long_to_delete(const Slot& slot);

[[nodiscard]] Invoked ensure_empty(const Slot& slot);
[[nodiscard]] Invoked ensure_no_children(const Slot& slot);

/// `cap`, derived from what `source` holds, goes into `destination`.
void insert_cap(Capability cap, Slot& source, Slot& destination);
/// `cap` to a new object goes into `destination` as a child of `parent`.
void insert_new_cap(Capability cap, Slot& parent, Slot& destination);
/// `cap` in place of what `source` holds goes into `destination`.
void move_cap(Capability cap, Slot& source, Slot& destination);
/// The two slots change places: `first` gets `second_cap`, `second` gets `first_cap`.
void swap_caps(Capability first_cap, Slot& first, Capability second_cap, Slot& second);

/// Deletes all descendants of what the slot holds.
void revoke(State& state, Slot& slot);
void delete_cap(State& state, Slot& slot);

}  // namespace kos::sim
