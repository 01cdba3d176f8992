// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The system calls (manual §2.2, MCS).
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// The current thread executed `svc`. Leaves the choice of the next thread to the caller.
void handle_system_call(State& state);

}  // namespace kos::sim
