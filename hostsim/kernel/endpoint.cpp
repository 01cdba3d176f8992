// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/endpoint.hpp"

#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/notification.hpp"
#include "hostsim/kernel/reply_stack.hpp"
#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/scheduler.hpp"

namespace kos::sim {

namespace {

bool faulted(const Thread& thread) { return thread.fault.kind != sel4::FaultKind::None; }

void enqueue(State& state, Thread& thread, Endpoint& endpoint, ThreadState thread_state) {
    thread.blocked_on = &endpoint;
    set_thread_state(state, &thread, thread_state);
    endpoint.queue.insert_by_priority(&thread);
    endpoint.state = thread_state == ThreadState::BlockedOnSend ? Endpoint::State::Sending
                                                                : Endpoint::State::Receiving;
}

void dequeue(Thread& thread, Endpoint& endpoint) {
    endpoint.queue.remove(&thread);
    if (endpoint.queue.empty()) endpoint.state = Endpoint::State::Idle;
}

void wait_to_send(State& state, Thread& sender, Endpoint& endpoint, const SendMode& mode) {
    sender.send_badge = mode.badge;
    sender.send_can_grant = mode.can_grant;
    sender.send_can_grant_reply = mode.can_grant_reply;
    sender.send_is_call = mode.is_call;
    enqueue(state, sender, endpoint, ThreadState::BlockedOnSend);
}

/// A receiver was waiting.
void send_to(State& state, Thread& sender, Thread& receiver, Endpoint& endpoint,
             const SendMode& mode) {
    dequeue(receiver, endpoint);
    transfer_message(state, sender, &endpoint, mode.badge, mode.can_grant, receiver);
    Reply* reply = receiver.reply;
    if (reply != nullptr) unlink_reply(state, *reply, receiver);
    if (mode.is_call || faulted(sender)) {
        if (reply != nullptr && (mode.can_grant || mode.can_grant_reply)) {
            push_reply(state, sender, receiver, *reply, mode.can_donate);
        } else {
            set_thread_state(state, &sender, ThreadState::Inactive);
        }
    } else if (mode.can_donate && receiver.sched_context == nullptr) {
        donate(state, *sender.sched_context, receiver);
    }
    set_thread_state(state, &receiver, ThreadState::Running);
    unblock_if_sporadic(state, receiver.sched_context);
    possibly_switch_to(state, &receiver);
}

/// A sender was waiting.
void receive_from(State& state, Thread& sender, Thread& receiver, Endpoint& endpoint,
                  Reply* reply) {
    dequeue(sender, endpoint);
    transfer_message(state, sender, &endpoint, sender.send_badge, sender.send_can_grant, receiver);
    unblock_if_sporadic(state, sender.sched_context);
    if (!sender.send_is_call && !faulted(sender)) {
        set_thread_state(state, &sender, ThreadState::Running);
        possibly_switch_to(state, &sender);
    } else if ((sender.send_can_grant || sender.send_can_grant_reply) && reply != nullptr) {
        const bool can_donate =
            sender.sched_context != nullptr && sender.fault.kind != sel4::FaultKind::Timeout;
        push_reply(state, sender, receiver, *reply, can_donate);
    } else {
        set_thread_state(state, &sender, ThreadState::Inactive);
    }
}

void restart_unless_faulted(State& state, Thread& thread) {
    if (faulted(thread)) {
        set_thread_state(state, &thread, ThreadState::Inactive);
        return;
    }
    set_thread_state(state, &thread, ThreadState::Restart);
    unblock_if_sporadic(state, thread.sched_context);
    possibly_switch_to(state, &thread);
}

/// An answered caller goes on, or waits for its budget.
void run_answered(State& state, Thread& caller, bool was_timeout) {
    SchedContext* context = caller.sched_context;
    if (context == nullptr || !caller.runnable()) return;
    if (context->refills.ready(state.time.now) && context->refills.sufficient(0)) {
        possibly_switch_to(state, &caller);
    } else if (has_timeout_handler(caller) && !was_timeout) {
        deliver_timeout(state, &caller);
    } else {
        postpone(state, *context);
    }
}

}  // namespace

void send_ipc(State& state, Thread& sender, Endpoint& endpoint, const SendMode& mode) {
    if (endpoint.state == Endpoint::State::Receiving) {
        send_to(state, sender, *endpoint.queue.head, endpoint, mode);
    } else if (mode.blocking) {
        wait_to_send(state, sender, endpoint, mode);
    }
}

void receive_ipc(State& state, Thread& receiver, Endpoint& endpoint, bool blocking, Reply* reply) {
    // A reply object that holds another caller gives it up.
    if (reply != nullptr && reply->thread != nullptr && reply->thread != &receiver) {
        cancel_ipc(state, reply->thread);
    }
    Notification* bound = receiver.bound_notification;
    if (bound != nullptr && bound->state == Notification::State::Active) {
        take_bound_signal(state, *bound, receiver);
        return;
    }
    if (bound != nullptr && blocking) return_to(state, *bound, receiver);
    if (endpoint.state == Endpoint::State::Sending) {
        receive_from(state, *endpoint.queue.head, receiver, endpoint, reply);
    } else if (blocking) {
        receiver.reply = reply;
        if (reply != nullptr) reply->thread = &receiver;
        enqueue(state, receiver, endpoint, ThreadState::BlockedOnReceive);
    } else {
        receive_nothing(receiver);
    }
}

void send_reply(State& state, Thread& sender, Reply& reply, bool can_grant) {
    Thread* caller = reply.thread;
    if (caller == nullptr || caller->state != ThreadState::BlockedOnReply) return;
    remove_reply(state, reply, *caller);
    unblock_if_sporadic(state, caller->sched_context);

    const sel4::FaultKind fault = caller->fault.kind;
    if (fault == sel4::FaultKind::None) {
        transfer_message(state, sender, nullptr, 0, can_grant, *caller);
        set_thread_state(state, caller, ThreadState::Running);
    } else {
        const bool restarts = apply_fault_reply(state, sender, *caller);
        caller->fault = {};
        set_thread_state(state, caller, restarts ? ThreadState::Restart : ThreadState::Inactive);
    }
    run_answered(state, *caller, fault == sel4::FaultKind::Timeout);
}

void cancel_ipc(State& state, Thread* thread) {
    thread->fault = {};
    switch (thread->state) {
        case ThreadState::BlockedOnSend:
        case ThreadState::BlockedOnReceive:
            dequeue(*thread, *static_cast<Endpoint*>(thread->blocked_on));
            if (thread->state == ThreadState::BlockedOnReceive && thread->reply != nullptr) {
                unlink_reply(state, *thread->reply, *thread);
            }
            set_thread_state(state, thread, ThreadState::Inactive);
            return;
        case ThreadState::BlockedOnNotification:
            cancel_wait(state, *thread, *static_cast<Notification*>(thread->blocked_on));
            return;
        case ThreadState::BlockedOnReply:
            remove_reply_of(state, *thread);
            return;
        default:
            return;
    }
}

void cancel_all_ipc(State& state, Endpoint& endpoint) {
    if (endpoint.state == Endpoint::State::Idle) return;
    while (Thread* thread = endpoint.queue.head) {
        dequeue(*thread, endpoint);
        if (thread->state == ThreadState::BlockedOnReceive && thread->reply != nullptr) {
            unlink_reply(state, *thread->reply, *thread);
        }
        restart_unless_faulted(state, *thread);
    }
    reschedule(state);
}

void cancel_badged_sends(State& state, Endpoint& endpoint, Word badge) {
    if (endpoint.state != Endpoint::State::Sending) return;
    for (Thread* thread = endpoint.queue.head; thread != nullptr;) {
        Thread* next = thread->queue_next;
        if (thread->send_badge == badge) {
            dequeue(*thread, endpoint);
            restart_unless_faulted(state, *thread);
        }
        thread = next;
    }
    reschedule(state);
}

}  // namespace kos::sim
