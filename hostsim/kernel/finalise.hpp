// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What happens to an object when a capability to it goes.
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// What is left in the slot: nothing, or a zombie whose slots have to be emptied.
struct Remainder {
    Capability cap;
    bool frees_irq = false;  ///< once the slot is empty, the interrupt is free again
};

/// `cap` is being deleted; `last`: no other capability names the object.
Remainder finalise(State& state, const Capability& cap, bool last);

/// The object is gone: listeners hear of it, nobody may use it.
void end_object(State& state, Object* object);

void release_irq(State& state, Word irq);

}  // namespace kos::sim
