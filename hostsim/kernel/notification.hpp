// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Signals (manual chapter 5).
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

void send_signal(State& state, Notification& notification, Word badge);
void receive_signal(State& state, Thread& receiver, Notification& notification, bool blocking);
/// `thread` receives on an endpoint while its bound notification is active: it gets the signal.
void take_bound_signal(State& state, Notification& notification, Thread& thread);

void bind_thread(Notification& notification, Thread& thread);
/// No thread is bound to it any more.
void unbind_thread(Notification& notification);

/// `thread` waits no more and becomes inactive.
void cancel_wait(State& state, Thread& thread, Notification& notification);
/// The notification goes: its threads make their system calls again.
void cancel_all_signals(State& state, Notification& notification);

}  // namespace kos::sim
