// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/sched_context.hpp"

#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/scheduler.hpp"

#include <utility>

namespace kos::sim {

void resume(State& state, SchedContext* context) {
    if (context == nullptr || !schedulable(*context->thread)) return;
    if (!context->refills.ready(state.time.now) || !context->refills.sufficient(0)) {
        postpone(state, *context);
    }
}

void bind(State& state, SchedContext& context, Thread& thread) {
    thread.sched_context = &context;
    context.thread = &thread;
    unblock_if_sporadic(state, &context);
    resume(state, &context);
    if (schedulable(thread)) {
        ready_prepend(state, &thread);
        reschedule(state);
    }
}

void unbind_thread(State& state, SchedContext& context) {
    Thread* thread = context.thread;
    if (thread == state.current()) reschedule(state);
    ready_remove(state, thread);
    release_remove(state, thread);
    thread->sched_context = nullptr;
    context.thread = nullptr;
}

void bind(SchedContext& context, Notification& notification) {
    notification.sched_context = &context;
    context.notification = &notification;
}

void unbind_notification(SchedContext& context) {
    if (context.notification == nullptr) return;
    context.notification->sched_context = nullptr;
    context.notification = nullptr;
}

void unbind_reply(SchedContext& context) {
    if (context.reply == nullptr) return;
    context.reply->context = nullptr;
    context.reply = nullptr;
}

void donate(State& state, SchedContext& context, Thread& to) {
    if (Thread* from = context.thread) {
        ready_remove(state, from);
        release_remove(state, from);
        from->sched_context = nullptr;
        const bool is_candidate = state.scheduler.action == SchedulerState::Action::SwitchTo &&
                                  from == state.scheduler.candidate;
        if (from == state.current() || is_candidate) reschedule(state);
    }
    context.thread = &to;
    to.sched_context = &context;
}

void donate_of(State& state, Notification& notification, Thread& thread) {
    SchedContext* context = notification.sched_context;
    if (thread.sched_context != nullptr || context == nullptr || context->thread != nullptr) return;
    donate(state, *context, thread);
    resume(state, context);
}

void return_to(State& state, Notification& notification, Thread& thread) {
    SchedContext* context = notification.sched_context;
    if (context == nullptr || context != thread.sched_context) return;
    thread.sched_context = nullptr;
    context->thread = nullptr;
    if (&thread == state.current()) reschedule(state);
}

Word take_consumed(SchedContext& context) {
    return microseconds_from_ticks(std::exchange(context.consumed, 0));
}

void answer_consumed(State& state, SchedContext& context, Thread& thread) {
    answer_words(state, thread, {take_consumed(context)});
}

void complete_yield_to(State& state, Thread* thread) {
    if (thread == nullptr || thread->yield_to == nullptr) return;
    answer_consumed(state, *thread->yield_to, *thread);
    cancel_yield_to(*thread);
}

void cancel_yield_to(Thread& thread) {
    if (thread.yield_to == nullptr) return;
    thread.yield_to->yield_from = nullptr;
    thread.yield_to = nullptr;
}

}  // namespace kos::sim
