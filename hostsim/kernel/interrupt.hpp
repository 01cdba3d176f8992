// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Interrupt lines and their handlers (manual §8.1).
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// A device raises the line: its notification is signalled, and the line masked until Ack.
void raise(State& state, unsigned irq);
/// The handler is done; a line that was raised meanwhile is delivered.
void acknowledge(State& state, unsigned irq);

}  // namespace kos::sim
