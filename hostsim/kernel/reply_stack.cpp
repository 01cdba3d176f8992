// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/reply_stack.hpp"

#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/scheduler.hpp"

#include <utility>

namespace kos::sim {

namespace {

/// Takes `reply`, the head of its context's stack, off it.
void pop_reply(State& state, Reply& reply, Thread& caller) {
    SchedContext& context = *std::exchange(reply.context, nullptr);
    Reply* previous = std::exchange(reply.previous, nullptr);
    context.reply = previous;
    if (previous != nullptr) {
        previous->next = nullptr;
        previous->context = &context;
    }
    // A caller that was given another context while it waited keeps that.
    if (caller.sched_context == nullptr) donate(state, context, caller);
    unlink_reply(state, reply, caller);
}

/// Takes `reply` out of its stack, which ends there.
void break_stack(Reply& reply) {
    if (reply.next != nullptr) reply.next->previous = nullptr;
    if (reply.previous != nullptr) reply.previous->next = nullptr;
    reply.next = reply.previous = nullptr;
}

}  // namespace

void push_reply(State& state, Thread& caller, Thread& callee, Reply& reply, bool can_donate) {
    SchedContext* context = caller.sched_context;
    reply.thread = &caller;
    caller.reply = &reply;
    set_thread_state(state, &caller, ThreadState::BlockedOnReply);
    if (context == nullptr || callee.sched_context != nullptr || !can_donate) return;

    reply.previous = context->reply;
    if (reply.previous != nullptr) {
        reply.previous->context = nullptr;
        reply.previous->next = &reply;
    }
    context->reply = &reply;
    reply.context = context;
    donate(state, *context, callee);
}

void remove_reply(State& state, Reply& reply, Thread& caller) {
    if (reply.context != nullptr) {
        pop_reply(state, reply, caller);
    } else {
        break_stack(reply);
        unlink_reply(state, reply, caller);
    }
}

void remove_reply_of(State& state, Thread& caller) {
    Reply& reply = *caller.reply;
    if (reply.context != nullptr) {
        reply.context->reply = nullptr;
        reply.context = nullptr;
    }
    break_stack(reply);
    unlink_reply(state, reply, caller);
}

void unlink_reply(State& state, Reply& reply, Thread& thread) {
    thread.reply = nullptr;
    reply.thread = nullptr;
    set_thread_state(state, &thread, ThreadState::Inactive);
}

}  // namespace kos::sim
