// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Charging time to scheduling contexts.
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// Looks at the clock: what went by since the last entry is the current context's.
void update_timestamp(State& state);

/// Whether the current context has enough left for this pass through the kernel. Where not, its
/// slice is over: the thread is charged and waits, or its timeout handler hears of it.
bool check_budget(State& state);
/// As check_budget; the current thread makes its system call again once it can.
bool check_budget_or_restart(State& state);

/// `consumed` uses up the current head replenishment.
void charge_budget(State& state, Ticks consumed, bool can_fault);
/// Books what was consumed so far while the context goes on.
void commit_time(State& state);
/// A thread becomes ready on `context`, which is not the current one.
void unblock(State& state, SchedContext& context);
/// As unblock, for a sporadic context that is not the current one; otherwise nothing.
void unblock_if_sporadic(State& state, SchedContext* context);

}  // namespace kos::sim
