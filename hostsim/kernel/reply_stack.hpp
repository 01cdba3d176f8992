// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Callers that wait for an answer, and the way back of the scheduling contexts they lent.
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// `caller` waits on `reply` for `callee` to answer; lends its context where it may and can.
void push_reply(State& state, Thread& caller, Thread& callee, Reply& reply, bool can_donate);
/// The caller on `reply` is to be answered: gets its context back where it lent it.
void remove_reply(State& state, Reply& reply, Thread& caller);
/// The caller goes away: the context stays where it is.
void remove_reply_of(State& state, Thread& caller);
/// `reply` is no longer `thread`'s, which becomes inactive.
void unlink_reply(State& state, Reply& reply, Thread& thread);

}  // namespace kos::sim
