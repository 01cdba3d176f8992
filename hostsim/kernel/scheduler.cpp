// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/scheduler.hpp"

#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/sched_context.hpp"

#include <algorithm>
#include <bit>

namespace kos::sim {

using Action = SchedulerState::Action;

namespace {

/// The highest priority with a ready thread, or -1.
int highest_ready(const State& state) {
    const auto& bitmap = state.scheduler.ready_bitmap;
    for (auto word = static_cast<int>(bitmap.size()) - 1; word >= 0; --word) {
        const std::uint64_t bits = bitmap[static_cast<std::size_t>(word)];
        if (bits != 0) return word * 64 + 63 - std::countl_zero(bits);
    }
    return -1;
}

void mark_ready(State& state, unsigned priority, bool ready) {
    const std::uint64_t bit = std::uint64_t{1} << (priority % 64);
    std::uint64_t& word = state.scheduler.ready_bitmap[priority / 64];
    word = ready ? word | bit : word & ~bit;
}

void switch_to(State& state, Thread* thread) {
    ready_remove(state, thread);
    state.scheduler.current_thread = thread;
}

void choose_thread(State& state) {
    const int priority = highest_ready(state);
    if (priority < 0) {
        state.scheduler.current_thread = state.scheduler.idle_thread;
    } else {
        switch_to(state, state.scheduler.ready[static_cast<std::size_t>(priority)].head);
    }
}

/// Switches to the thread that became ready during this pass, where nobody else comes first.
void decide_on_candidate(State& state, bool current_was_schedulable) {
    Thread* candidate = state.scheduler.candidate;
    const Thread* current = state.current();
    const bool may_be_outranked =
        current == state.scheduler.idle_thread || candidate->priority < current->priority;
    if (may_be_outranked && candidate->priority < highest_ready(state)) {
        ready_prepend(state, candidate);
        choose_thread(state);
    } else if (current_was_schedulable && candidate->priority == current->priority) {
        ready_append(state, candidate);
        choose_thread(state);
    } else {
        switch_to(state, candidate);
    }
}

void awaken(State& state) {
    ThreadQueue& queue = state.scheduler.release;
    while (!queue.empty() && queue.head->sched_context->refills.ready(state.time.now)) {
        Thread* thread = queue.head;
        release_remove(state, thread);
        possibly_switch_to(state, thread);
    }
}

void switch_context(State& state) {
    SchedContext* next = state.current()->sched_context;
    if (state.scheduler.current_context != next) {
        state.time.reprogram = true;
        if (!next->sporadic) unblock(state, *next);
    }
    if (state.time.reprogram) commit_time(state);
    state.scheduler.current_context = next;
}

void set_timer(State& state) {
    const SchedContext& context = *state.current()->sched_context;
    state.time.deadline = state.time.now + context.refills.head().amount;
    if (const Thread* first = state.scheduler.release.head) {
        state.time.deadline =
            std::min(state.time.deadline, first->sched_context->refills.head().time);
    }
}

}  // namespace

bool schedulable(const Thread& thread) {
    return thread.runnable() && thread.sched_context != nullptr &&
           thread.sched_context->refills.active() && !thread.in_release_queue;
}

bool sporadic(const SchedContext* context) { return context != nullptr && context->sporadic; }

bool released(const State& state, const SchedContext& context) {
    return context.refills.active() && context.refills.ready(state.time.now);
}

void ready_prepend(State& state, Thread* thread) {
    if (thread->queued) return;
    state.scheduler.ready[thread->priority].prepend(thread);
    mark_ready(state, thread->priority, true);
    thread->queued = true;
}

void ready_append(State& state, Thread* thread) {
    if (thread->queued) return;
    state.scheduler.ready[thread->priority].append(thread);
    mark_ready(state, thread->priority, true);
    thread->queued = true;
}

void ready_remove(State& state, Thread* thread) {
    if (!thread->queued) return;
    ThreadQueue& queue = state.scheduler.ready[thread->priority];
    queue.remove(thread);
    if (queue.empty()) mark_ready(state, thread->priority, false);
    thread->queued = false;
}

void release_insert(State& state, Thread* thread) {
    ThreadQueue& queue = state.scheduler.release;
    const Ticks time = thread->sched_context->refills.head().time;
    Thread* place = queue.head;
    while (place != nullptr && time >= place->sched_context->refills.head().time) {
        place = place->queue_next;
    }
    queue.insert_before(thread, place);
    thread->in_release_queue = true;
    if (queue.head == thread) state.time.reprogram = true;
}

void release_remove(State& state, Thread* thread) {
    if (!thread->in_release_queue) return;
    if (state.scheduler.release.head == thread) state.time.reprogram = true;
    state.scheduler.release.remove(thread);
    thread->in_release_queue = false;
}

void postpone(State& state, SchedContext& context) {
    ready_remove(state, context.thread);
    release_insert(state, context.thread);
    state.time.reprogram = true;
}

void set_thread_state(State& state, Thread* thread, ThreadState thread_state) {
    thread->state = thread_state;
    note_state_change(state, thread);
}

void note_state_change(State& state, Thread* thread) {
    if (thread == state.current() && state.scheduler.action == Action::ResumeCurrent &&
        !schedulable(*thread)) {
        state.scheduler.action = Action::ChooseNew;
    }
}

void possibly_switch_to(State& state, Thread* thread) {
    if (thread->sched_context == nullptr || thread->in_release_queue) return;
    if (state.scheduler.action == Action::ResumeCurrent) {
        state.scheduler.action = Action::SwitchTo;
        state.scheduler.candidate = thread;
    } else {
        // Two that want to be next: the queues decide.
        reschedule(state);
        ready_prepend(state, thread);
    }
}

void reschedule(State& state) {
    if (state.scheduler.action == Action::SwitchTo && schedulable(*state.scheduler.candidate)) {
        ready_prepend(state, state.scheduler.candidate);
    }
    state.scheduler.action = Action::ChooseNew;
}

void schedule(State& state) {
    awaken(state);
    if (state.scheduler.action != Action::ResumeCurrent) {
        const bool current_was_schedulable = schedulable(*state.current());
        if (current_was_schedulable) ready_prepend(state, state.current());
        if (state.scheduler.action == Action::ChooseNew) {
            choose_thread(state);
        } else {
            decide_on_candidate(state, current_was_schedulable);
        }
    }
    state.scheduler.action = Action::ResumeCurrent;
    state.scheduler.candidate = nullptr;
    switch_context(state);
    if (state.time.reprogram) {
        set_timer(state);
        state.time.reprogram = false;
    }
}

void activate_current(State& state) {
    Thread* thread = state.current();
    if (thread->yield_to != nullptr) complete_yield_to(state, thread);
    if (thread->state == ThreadState::Restart) {
        thread->registers.pc = thread->registers.fault_ip;
        set_thread_state(state, thread, ThreadState::Running);
    }
}

}  // namespace kos::sim
