// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Interrupt lines and their handlers (manual §8.1).
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// A device raises the line: its notification is signalled, and the line masked until Ack.
void raise(State& state, unsigned irq);
/// A device drives a level-triggered line: it is raised as long as it is high and not masked.
void set_level(State& state, unsigned irq, bool is_high);
/// The line is no longer masked: what is due is delivered.
void unmask(State& state, unsigned irq);

}  // namespace kos::sim
