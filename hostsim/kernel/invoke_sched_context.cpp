// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// SchedControl and SchedContext invocations (manual §6.1.3–6.1.6, A.2.7, A.2.8).
#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/scheduler.hpp"

namespace kos::sim {

namespace {

using Label = sel4::Invocation;

constexpr Word sporadic_flag = 1;

struct Parameters {
    Ticks budget;
    Ticks period;
    Word max_refills;
};

/// How many replenishments a context of that size holds.
Word most_refills(const Capability& context) {
    constexpr Word core_bytes = 96, refill_bytes = 16;
    return ((Word{1} << context.size_bits) - core_bytes) / refill_bytes;
}

Result<Parameters, InvocationError> decode_parameters(const Invocation& invocation) {
    const bool is_older = invocation.state.behaviour.adds_refills_unchecked;
    const Capability& context = invocation.extra_cap(0)->cap;
    const bool is_context = context.kind == CapKind::SchedContext;
    if (is_older && !is_context) return Err{invalid_capability(1)};
    const InvocationError out_of_range =
        range_error(min_budget_microseconds, max_period_microseconds);
    const Word budget_us = invocation.word(0);
    const Word period_us = invocation.word(1);
    if (budget_us > max_period_microseconds) return Err{out_of_range};
    if (period_us > max_period_microseconds) return Err{out_of_range};
    const Ticks budget = ticks_from_microseconds(budget_us);
    const Ticks period = ticks_from_microseconds(period_us);
    if (budget < min_budget || period < min_budget) return Err{out_of_range};
    if (budget > period) return Err{range_error(min_budget_microseconds, period_us)};

    if (!is_context) return Err{invalid_capability(1)};
    const Word extra_refills = invocation.word(2);
    const Word most = most_refills(context) - min_refills;
    const bool wraps = is_older && extra_refills + min_refills < min_refills;
    if (extra_refills > most && !wraps) return Err{range_error(0, most)};
    return Parameters{budget, period, extra_refills + min_refills};
}

void configure(State& state, SchedContext& context, const Parameters& parameters) {
    Thread* thread = context.thread;
    if (thread != nullptr) {
        release_remove(state, thread);
        ready_remove(state, thread);
        if (state.scheduler.current_context == &context) commit_time(state);
    }
    Refills& refills = context.refills;
    const Ticks now = state.time.now;
    if (parameters.budget == parameters.period) {
        refills.start(min_refills, parameters.budget, 0, now);
    } else if (refills.active() && thread != nullptr && thread->runnable()) {
        refills.update(parameters.max_refills, parameters.budget, parameters.period, now);
    } else {
        refills.start(parameters.max_refills, parameters.budget, parameters.period, now);
    }
    if (thread == nullptr) return;
    resume(state, &context);
    if (thread == state.current()) {
        reschedule(state);
    } else if (thread->runnable()) {
        possibly_switch_to(state, thread);
    }
}

Invoked bind_object(const Invocation& invocation, SchedContext& context) {
    if (!invocation.carries(0, 1)) return Err{truncated_message()};
    const Capability& cap = invocation.extra_cap(0)->cap;
    if (cap.kind == CapKind::Thread) {
        Thread& thread = *cap.as<Thread>();
        if (context.thread != nullptr || thread.sched_context != nullptr) {
            return Err{illegal_operation()};
        }
        if (thread.blocked() && !released(invocation.state, context)) {
            return Err{illegal_operation()};
        }
        bind(invocation.state, context, thread);
        return {};
    }
    if (cap.kind == CapKind::Notification) {
        Notification& notification = *cap.as<Notification>();
        if (context.notification != nullptr || notification.sched_context != nullptr) {
            return Err{illegal_operation()};
        }
        bind(context, notification);
        return {};
    }
    return Err{invalid_capability(1)};
}

Invoked unbind_object(const Invocation& invocation, SchedContext& context) {
    if (!invocation.carries(0, 1)) return Err{truncated_message()};
    const Capability& cap = invocation.extra_cap(0)->cap;
    if (cap.kind == CapKind::Thread) {
        if (context.thread != cap.object || context.thread == invocation.state.current()) {
            return Err{illegal_operation()};
        }
        unbind_thread(invocation.state, context);
        return {};
    }
    if (cap.kind == CapKind::Notification) {
        if (context.notification != cap.object) return Err{illegal_operation()};
        unbind_notification(context);
        return {};
    }
    return Err{invalid_capability(1)};
}

Invoked unbind_all(const Invocation& invocation, SchedContext& context) {
    if (context.thread == invocation.state.current()) return Err{illegal_operation()};
    if (context.thread != nullptr) unbind_thread(invocation.state, context);
    unbind_notification(context);
    unbind_reply(context);
    return {};
}

void answer_consumed(const Invocation& invocation, SchedContext& context) {
    const Word consumed = take_consumed(context);
    if (!invocation.state.behaviour.loses_consumed) invocation.answer({consumed});
}

Invoked yield_to(const Invocation& invocation, SchedContext& context) {
    State& state = invocation.state;
    Thread* thread = context.thread;
    Thread* invoker = state.current();
    if (thread == nullptr || thread == invoker || thread->priority > invoker->max_priority) {
        return Err{illegal_operation()};
    }
    complete_yield_to(state, context.yield_from);
    resume(state, &context);
    if (schedulable(*thread) && thread->priority >= invoker->priority) {
        invoker->yield_to = &context;
        context.yield_from = invoker;
        ready_remove(state, thread);
        ready_prepend(state, invoker);
        ready_prepend(state, thread);
        reschedule(state);
        return {};
    }
    if (schedulable(*thread)) {
        ready_remove(state, thread);
        ready_prepend(state, thread);
    }
    answer_consumed(invocation, context);
    return {};
}

}  // namespace

Invoked invoke_sched_control(const Invocation& invocation) {
    if (invocation.label != Label::SchedControlConfigureFlags) return Err{illegal_operation()};
    if (!invocation.carries(5, 1)) return Err{truncated_message()};
    const Parameters parameters = KOS_TRY(decode_parameters(invocation));
    const Word badge = invocation.word(3);
    const Word flags = invocation.word(4);
    SchedContext& context = *invocation.extra_cap(0)->cap.as<SchedContext>();
    configure(invocation.state, context, parameters);
    context.badge = badge;
    context.sporadic = (flags & sporadic_flag) != 0;
    return {};
}

Invoked invoke_sched_context(const Invocation& invocation) {
    SchedContext& context = *invocation.cap.as<SchedContext>();
    if (!invocation.label) return Err{illegal_operation()};
    switch (*invocation.label) {
        case Label::SchedContextConsumed:
            answer_consumed(invocation, context);
            return {};
        case Label::SchedContextBind:
            return bind_object(invocation, context);
        case Label::SchedContextUnbindObject:
            return unbind_object(invocation, context);
        case Label::SchedContextUnbind:
            return unbind_all(invocation, context);
        case Label::SchedContextYieldTo:
            return yield_to(invocation, context);
        default:
            return Err{illegal_operation()};
    }
}

}  // namespace kos::sim
