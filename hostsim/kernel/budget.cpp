// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/budget.hpp"

#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/scheduler.hpp"

#include <utility>

namespace kos::sim {

namespace {

bool is_idle(const State& state, const SchedContext* context) {
    return context == state.scheduler.idle_thread->sched_context;
}

/// The current thread's slice is over.
void end_slice(State& state, bool can_fault) {
    SchedContext& context = *state.scheduler.current_context;
    if (can_fault && !context.refills.round_robin() && has_timeout_handler(*state.current())) {
        deliver_timeout(state, state.current());
    } else if (context.refills.ready(state.time.now) && context.refills.sufficient(0)) {
        ready_append(state, state.current());
    } else {
        postpone(state, context);
    }
}

}  // namespace

void update_timestamp(State& state) {
    const Ticks before = std::exchange(state.time.now, state.time.clock);
    state.time.consumed += state.time.now - before;
}

bool check_budget(State& state) {
    if (state.scheduler.current_context->refills.sufficient(state.time.consumed)) return true;
    charge_budget(state, state.time.consumed, true);
    return false;
}

bool check_budget_or_restart(State& state) {
    const bool enough = check_budget(state);
    if (!enough && state.current()->runnable()) {
        set_thread_state(state, state.current(), ThreadState::Restart);
    }
    return enough;
}

void charge_budget(State& state, Ticks consumed, bool can_fault) {
    SchedContext* context = state.scheduler.current_context;
    if (!is_idle(state, context)) {
        if (context->refills.round_robin()) {
            context->refills.renew_slice();
        } else {
            context->refills.charge(consumed);
        }
        context->consumed += consumed;
    }
    state.time.consumed = 0;
    if (schedulable(*state.current())) {
        end_slice(state, can_fault);
        reschedule(state);
        state.time.reprogram = true;
    }
}

void commit_time(State& state) {
    const Ticks consumed = std::exchange(state.time.consumed, 0);
    SchedContext* context = state.scheduler.current_context;
    if (!context->refills.active() || is_idle(state, context)) return;
    if (consumed > 0) {
        if (context->refills.round_robin()) {
            context->refills.use_slice(consumed);
        } else {
            context->refills.charge(consumed);
        }
    }
    context->consumed += consumed;
}

void unblock(State& state, SchedContext& context) {
    if (context.refills.unblock(state.time.now)) state.time.reprogram = true;
}

void unblock_if_sporadic(State& state, SchedContext* context) {
    if (sporadic(context) && context != state.scheduler.current_context) unblock(state, *context);
}

}  // namespace kos::sim
