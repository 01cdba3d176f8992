// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which thread, notification and callers a scheduling context serves.
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// The context's thread waits for its next replenishment if it can't run now.
void resume(State& state, SchedContext* context);

void bind(State& state, SchedContext& context, Thread& thread);
void unbind_thread(State& state, SchedContext& context);
void bind(SchedContext& context, Notification& notification);
void unbind_notification(SchedContext& context);
/// Callers that lent the context get it back no more.
void unbind_reply(SchedContext& context);

/// `context` moves from its thread to `to`, which has none.
void donate(State& state, SchedContext& context, Thread& to);
/// A thread without a context gets that of the notification which wakes it, where it is free.
void donate_of(State& state, Notification& notification, Thread& thread);
/// A thread that runs on its notification's context gives it back before it waits.
void return_to(State& state, Notification& notification, Thread& thread);

/// Microseconds consumed since last asked.
Word take_consumed(SchedContext& context);
/// Answers the invoker of `context` with the time it consumed.
void answer_consumed(State& state, SchedContext& context, Thread& thread);
/// `thread`, which had yielded to a context, runs again.
void complete_yield_to(State& state, Thread* thread);
void cancel_yield_to(Thread& thread);

}  // namespace kos::sim
