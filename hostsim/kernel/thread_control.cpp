// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/thread_control.hpp"

#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/endpoint.hpp"
#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/scheduler.hpp"

namespace kos::sim {

void suspend(State& state, Thread* thread) {
    cancel_ipc(state, thread);
    // It may be resumed by Restart: that must not make the finished instruction again.
    if (thread->state == ThreadState::Running) {
        thread->registers.fault_ip = thread->registers.pc;
    }
    ready_remove(state, thread);
    release_remove(state, thread);
    cancel_yield_to(*thread);
    set_thread_state(state, thread, ThreadState::Inactive);
}

void restart(State& state, Thread* thread) {
    if (thread->state != ThreadState::Inactive && !thread->blocked()) return;
    cancel_ipc(state, thread);
    set_thread_state(state, thread, ThreadState::Restart);
    SchedContext* context = thread->sched_context;
    unblock_if_sporadic(state, context);
    resume(state, context);
    if (schedulable(*thread)) possibly_switch_to(state, thread);
}

void set_priority(State& state, Thread* thread, std::uint8_t priority) {
    switch (thread->state) {
        case ThreadState::Running:
        case ThreadState::Restart:
            if (thread->queued || thread == state.current()) {
                ready_remove(state, thread);
                thread->priority = priority;
                ready_prepend(state, thread);
                reschedule(state);
            } else {
                thread->priority = priority;
            }
            return;
        case ThreadState::BlockedOnReceive:
        case ThreadState::BlockedOnSend: {
            ThreadQueue& queue = static_cast<Endpoint*>(thread->blocked_on)->queue;
            queue.remove(thread);
            thread->priority = priority;
            queue.insert_by_priority(thread);
            return;
        }
        case ThreadState::BlockedOnNotification: {
            ThreadQueue& queue = static_cast<Notification*>(thread->blocked_on)->queue;
            queue.remove(thread);
            thread->priority = priority;
            queue.insert_by_priority(thread);
            return;
        }
        default:
            thread->priority = priority;
            return;
    }
}

}  // namespace kos::sim
