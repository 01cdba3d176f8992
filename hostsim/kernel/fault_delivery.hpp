// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Faults on their way to a handler, and the handler's answer on its way back (manual §6.2).
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// The thread's fault handler gets a message; a thread without one stops. `lookup` tells more of a
/// CapFault.
void deliver_fault(State& state, Thread* thread, const Fault& fault,
                   const LookupFault& lookup = {});

[[nodiscard]] bool has_timeout_handler(const Thread& thread);
/// The thread's timeout handler, which it has, hears that its budget is used up.
void deliver_timeout(State& state, Thread* thread);

/// An endpoint that can be sent to and answered, or nothing.
[[nodiscard]] bool is_valid_handler(const Capability& cap);

/// Writes the sender's fault as a message; its length.
unsigned set_fault_message(Thread& sender, Thread& receiver, sel4::IpcBuffer* buffer);
/// Takes registers from the handler's answer; whether the thread restarts.
bool apply_fault_reply(const State& state, Thread& handler, Thread& thread);

}  // namespace kos::sim
