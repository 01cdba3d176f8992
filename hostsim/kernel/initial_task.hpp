// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Making the initial thread and its capabilities (manual chapter 9).
#pragma once

#include "hostsim/kernel/boot.hpp"
#include "hostsim/kernel/state.hpp"
#include "lib/base/result.hpp"

namespace kos::sim {

/// Makes the initial thread; it is ready to run.
[[nodiscard]] Result<BootedTask, BootError> make_initial_task(State& state,
                                                              const BootOptions& options);

}  // namespace kos::sim
