// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/notification.hpp"

#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/endpoint.hpp"
#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/scheduler.hpp"

namespace kos::sim {

namespace {

void activate(Notification& notification, Word badge) {
    notification.state = Notification::State::Active;
    notification.badge = badge;
}

void dequeue(Thread& thread, Notification& notification) {
    notification.queue.remove(&thread);
    if (notification.queue.empty()) notification.state = Notification::State::Idle;
}

/// A waiting thread gets the signal.
void wake(State& state, Thread& thread, Notification& notification, Word badge) {
    set_thread_state(state, &thread, ThreadState::Running);
    thread.set_badge(badge);
    donate_of(state, notification, thread);
    if (schedulable(thread)) possibly_switch_to(state, &thread);
    unblock_if_sporadic(state, thread.sched_context);
}

void wait(State& state, Thread& thread, Notification& notification) {
    thread.blocked_on = &notification;
    set_thread_state(state, &thread, ThreadState::BlockedOnNotification);
    notification.queue.insert_by_priority(&thread);
    notification.state = Notification::State::Waiting;
    return_to(state, notification, thread);
}

}  // namespace

void send_signal(State& state, Notification& notification, Word badge) {
    switch (notification.state) {
        case Notification::State::Idle: {
            Thread* bound = notification.bound_thread;
            if (bound != nullptr && bound->state == ThreadState::BlockedOnReceive) {
                cancel_ipc(state, bound);
                wake(state, *bound, notification, badge);
            } else {
                activate(notification, badge);
            }
            return;
        }
        case Notification::State::Waiting: {
            Thread& receiver = *notification.queue.head;
            dequeue(receiver, notification);
            wake(state, receiver, notification, badge);
            return;
        }
        case Notification::State::Active:
            notification.badge |= badge;
            return;
    }
}

void receive_signal(State& state, Thread& receiver, Notification& notification, bool blocking) {
    if (notification.state == Notification::State::Active) {
        receiver.set_badge(notification.badge);
        notification.state = Notification::State::Idle;
        donate_of(state, notification, receiver);
        unblock_if_sporadic(state, receiver.sched_context);
    } else if (blocking) {
        wait(state, receiver, notification);
    } else {
        receive_nothing(receiver);
    }
}

void take_bound_signal(State& state, Notification& notification, Thread& thread) {
    thread.set_badge(notification.badge);
    notification.state = Notification::State::Idle;
    donate_of(state, notification, thread);
    if (thread.sched_context == notification.sched_context) {
        unblock_if_sporadic(state, thread.sched_context);
    }
}

void bind_thread(Notification& notification, Thread& thread) {
    notification.bound_thread = &thread;
    thread.bound_notification = &notification;
}

void unbind_thread(Notification& notification) {
    if (notification.bound_thread == nullptr) return;
    notification.bound_thread->bound_notification = nullptr;
    notification.bound_thread = nullptr;
}

void cancel_wait(State& state, Thread& thread, Notification& notification) {
    dequeue(thread, notification);
    set_thread_state(state, &thread, ThreadState::Inactive);
}

void cancel_all_signals(State& state, Notification& notification) {
    if (notification.state != Notification::State::Waiting) return;
    while (Thread* thread = notification.queue.head) {
        dequeue(*thread, notification);
        set_thread_state(state, thread, ThreadState::Restart);
        unblock_if_sporadic(state, thread->sched_context);
        possibly_switch_to(state, thread);
    }
    reschedule(state);
}

}  // namespace kos::sim
