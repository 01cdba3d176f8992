// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: what holds of the kernel's state whenever no thread is in the kernel.
#pragma once

#include "hostsim/kernel/state.hpp"

#include <string>

namespace kos::sim {

/// The first invariant found broken, empty where all hold:
/// - the derivation list is linked both ways, and empty slots are in no list;
/// - each capability's object is alive, and each object has a capability or is the kernel's own;
/// - an untyped's children lie within what it gave away;
/// - threads are in the queue that their state says, and in one only.
[[nodiscard]] std::string broken_invariant(const State& state);

}  // namespace kos::sim
