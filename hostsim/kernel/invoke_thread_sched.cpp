// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// TCB_SetPriority, SetMCPriority, SetSchedParams (manual §6.1.2, A.2.9).
#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/invoke_thread.hpp"
#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/scheduler.hpp"
#include "hostsim/kernel/thread_control.hpp"

namespace kos::sim {

namespace {

Thread& target_of(const Invocation& invocation) { return *invocation.cap.as<Thread>(); }

/// `authority` may give `priority` away.
Invoked check_priority(const Capability& authority, Word priority) {
    const std::uint8_t highest = authority.as<Thread>()->max_priority;
    if (priority > highest) return Err{range_error(0, highest)};
    return {};
}

/// The priority that message word 0 gives, on the authority of capability 0.
Result<std::uint8_t, InvocationError> decode_priority(const Invocation& invocation) {
    if (!invocation.carries(1, 1)) return Err{truncated_message()};
    const Capability& authority = invocation.extra_cap(0)->cap;
    if (authority.kind != CapKind::Thread) return Err{invalid_capability(1)};
    const Word priority = invocation.word(0);
    KOS_TRY(check_priority(authority, priority));
    return static_cast<std::uint8_t>(priority);
}

/// The scheduling context that `cap` gives the target, nullptr for none.
Result<SchedContext*, InvocationError> decode_context(const Invocation& invocation,
                                                      const Capability& cap) {
    const Thread& target = target_of(invocation);
    if (cap.is_null()) {
        if (&target == invocation.state.current()) return Err{illegal_operation()};
        return nullptr;
    }
    if (cap.kind != CapKind::SchedContext) return Err{invalid_capability(2)};
    auto* context = cap.as<SchedContext>();
    const bool is_new = target.sched_context != context;
    if (is_new && (target.sched_context != nullptr || context->thread != nullptr)) {
        return Err{illegal_operation()};
    }
    if (target.blocked() && !released(invocation.state, *context)) {
        return Err{illegal_operation()};
    }
    return context;
}

}  // namespace

Invoked set_thread_priority(const Invocation& invocation) {
    const std::uint8_t priority = KOS_TRY(decode_priority(invocation));
    set_priority(invocation.state, &target_of(invocation), priority);
    return {};
}

Invoked set_thread_max_priority(const Invocation& invocation) {
    target_of(invocation).max_priority = KOS_TRY(decode_priority(invocation));
    return {};
}

Invoked set_thread_sched_params(const Invocation& invocation) {
    if (!invocation.carries(2, 3)) return Err{truncated_message()};
    const Word highest = invocation.word(0);
    const Word priority = invocation.word(1);
    const Capability& authority = invocation.extra_cap(0)->cap;
    if (authority.kind != CapKind::Thread) return Err{invalid_capability(1)};
    KOS_TRY(check_priority(authority, highest));
    KOS_TRY(check_priority(authority, priority));
    SchedContext* context = KOS_TRY(decode_context(invocation, invocation.extra_cap(1)->cap));
    Slot& handler = *invocation.extra_cap(2);
    if (!is_valid_handler(handler.cap)) return Err{invalid_capability(3)};

    State& state = invocation.state;
    Thread& target = target_of(invocation);
    const bool changes_context = target.sched_context != context;
    install_thread_cap(invocation, target.slot(ThreadSlot::FaultHandler), handler.cap, &handler);
    target.max_priority = static_cast<std::uint8_t>(highest);
    set_priority(state, &target, static_cast<std::uint8_t>(priority));
    if (changes_context && context != nullptr) bind(state, *context, target);
    if (changes_context && context == nullptr) unbind_thread(state, *target.sched_context);
    return {};
}

}  // namespace kos::sim
