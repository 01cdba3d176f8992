// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starting, stopping and prioritising threads.
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// Stops the thread; what it waited for is cancelled.
void suspend(State& state, Thread* thread);
/// A stopped thread goes on where it was stopped; what it waited for is made again.
void restart(State& state, Thread* thread);
void set_priority(State& state, Thread* thread, std::uint8_t priority);

}  // namespace kos::sim
