// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Who runs: ready queues by priority, the queue of threads that wait for a replenishment, and the
// decision at the end of each pass through the kernel.
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// Runnable, on a configured scheduling context, and not waiting for a replenishment.
[[nodiscard]] bool schedulable(const Thread& thread);
/// On a sporadic scheduling context, which unblock() concerns.
[[nodiscard]] bool sporadic(const SchedContext* context);
/// Whether a thread could leave the kernel on it now.
[[nodiscard]] bool released(const State& state, const SchedContext& context);

void ready_prepend(State& state, Thread* thread);
void ready_append(State& state, Thread* thread);
void ready_remove(State& state, Thread* thread);
void release_insert(State& state, Thread* thread);
void release_remove(State& state, Thread* thread);
/// The context's thread waits until its head replenishment is due.
void postpone(State& state, SchedContext& context);

void set_thread_state(State& state, Thread* thread, ThreadState thread_state);
/// The thread's state was changed: chooses another where it is the current one and can't go on.
void note_state_change(State& state, Thread* thread);
/// `thread` became ready: it may run next.
void possibly_switch_to(State& state, Thread* thread);
void reschedule(State& state);

/// Ends a pass through the kernel: settles which thread runs, charges time, sets the timer.
void schedule(State& state);
/// The thread that was chosen leaves the kernel: completes a YieldTo, restarts what must restart.
void activate_current(State& state);

}  // namespace kos::sim
