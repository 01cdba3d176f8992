// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sending and receiving through endpoints (manual chapter 4).
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// With what rights and how a message is sent.
struct SendMode {
    bool blocking = false;
    bool is_call = false;
    bool can_donate = false;
    bool can_grant = false;
    bool can_grant_reply = false;
    Word badge = 0;
};
void send_ipc(State& state, Thread& sender, Endpoint& endpoint, const SendMode& mode);
/// `reply`: the object that is to hold the caller, or nullptr.
void receive_ipc(State& state, Thread& receiver, Endpoint& endpoint, bool blocking, Reply* reply);
/// Answers the caller that `reply` holds, if it holds one.
void send_reply(State& state, Thread& sender, Reply& reply, bool can_grant);

/// Whatever the thread waits for, it does no more.
void cancel_ipc(State& state, Thread* thread);
/// The endpoint goes: its threads make their system calls again.
void cancel_all_ipc(State& state, Endpoint& endpoint);
void cancel_badged_sends(State& state, Endpoint& endpoint, Word badge);

/// There was nothing to receive.
inline void receive_nothing(Thread& thread) { thread.set_badge(0); }

}  // namespace kos::sim
