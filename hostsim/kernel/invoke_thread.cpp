// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// TCB invocations but for those that change capabilities (manual §6.1, A.2.9).
#include "hostsim/kernel/invoke_thread.hpp"

#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/notification.hpp"
#include "hostsim/kernel/scheduler.hpp"
#include "hostsim/kernel/thread_control.hpp"

#include <algorithm>
#include <bit>

namespace kos::sim {

namespace {

using Label = sel4::Invocation;

Thread& target_of(const Invocation& invocation) { return *invocation.cap.as<Thread>(); }

Invoked read_registers(const Invocation& invocation) {
    if (!invocation.carries(2, 0)) return Err{truncated_message()};
    const Word count = invocation.word(1);
    if (count < 1 || count > sel4::user_context_words) {
        return Err{range_error(1, sel4::user_context_words)};
    }
    State& state = invocation.state;
    Thread& source = target_of(invocation);
    Thread& invoker = *state.current();
    if (&source == &invoker) return Err{illegal_operation()};
    if ((invocation.word(0) & 1) != 0) suspend(state, &source);
    if (invocation.is_call) {
        const auto words = std::bit_cast<std::array<Word, sel4::user_context_words>>(
            source.registers.user_context());
        sel4::IpcBuffer* buffer = receive_buffer(state, invoker);
        unsigned length = 0;
        for (unsigned i = 0; i < count; ++i) length = set_word(invoker, buffer, i, words[i]);
        invoker.set_badge(0);
        invoker.set_message_info({0, 0, length});
    }
    set_thread_state(state, &invoker, ThreadState::Running);
    return {};
}

Invoked write_registers(const Invocation& invocation) {
    if (!invocation.carries(2, 0)) return Err{truncated_message()};
    const Word count = invocation.word(1);
    if (invocation.length - 2 < count) return Err{truncated_message()};
    Thread& target = target_of(invocation);
    if (&target == invocation.state.current()) return Err{illegal_operation()};
    std::array<Word, sel4::user_context_words> words{};
    const unsigned taken = static_cast<unsigned>(std::min<Word>(count, words.size()));
    for (unsigned i = 0; i < taken; ++i) words[i] = invocation.word(i + 2);
    target.registers.set_user_context(std::bit_cast<sel4::UserContext>(words), taken,
                                      target.vcpu != nullptr);
    if ((invocation.word(0) & 1) != 0) restart(invocation.state, &target);
    return {};
}

Invoked copy_registers(const Invocation& invocation) {
    constexpr Word suspend_source = 1, resume_target = 2, frame = 4, integer = 8;
    if (!invocation.carries(1, 1)) return Err{truncated_message()};
    const Word flags = invocation.word(0);
    const Capability& source_cap = invocation.extra_cap(0)->cap;
    if (source_cap.kind != CapKind::Thread) return Err{invalid_capability(1)};

    State& state = invocation.state;
    Thread& source = *source_cap.as<Thread>();
    Thread& target = target_of(invocation);
    if ((flags & suspend_source) != 0) suspend(state, &source);
    if ((flags & resume_target) != 0) restart(state, &target);
    copy_register_sets(source.registers, target.registers, (flags & frame) != 0,
                       (flags & integer) != 0);
    if (&target == state.current()) reschedule(state);
    return {};
}

Invoked bind_notification(const Invocation& invocation) {
    if (!invocation.carries(0, 1)) return Err{truncated_message()};
    Thread& target = target_of(invocation);
    const Capability& cap = invocation.extra_cap(0)->cap;
    if (target.bound_notification != nullptr || cap.kind != CapKind::Notification ||
        !cap.can(RightsMask::read)) {
        return Err{illegal_operation()};
    }
    Notification& notification = *cap.as<Notification>();
    if (!notification.queue.empty() || notification.bound_thread != nullptr) {
        return Err{illegal_operation()};
    }
    bind_thread(notification, target);
    return {};
}

Invoked unbind_notification(const Invocation& invocation) {
    Notification* bound = target_of(invocation).bound_notification;
    if (bound == nullptr) return Err{illegal_operation()};
    unbind_thread(*bound);
    return {};
}

Invoked set_tls_base(const Invocation& invocation) {
    if (!invocation.carries(1, 0)) return Err{truncated_message()};
    Thread& target = target_of(invocation);
    target.registers.tpidr_el0 = invocation.word(0);
    if (&target == invocation.state.current()) reschedule(invocation.state);
    return {};
}

Invoked set_flags(const Invocation& invocation) {
    constexpr Word settable = 1;  // seL4_TCBFlag_fpuDisabled
    if (!invocation.carries(2, 0)) return Err{truncated_message()};
    Thread& target = target_of(invocation);
    target.flags &= ~invocation.word(0);
    target.flags |= invocation.word(1) & settable;
    invocation.answer({target.flags});
    return {};
}

}  // namespace

Invoked invoke_thread(const Invocation& invocation) {
    if (!invocation.label) return Err{illegal_operation()};
    switch (*invocation.label) {
        case Label::TcbReadRegisters:
            return read_registers(invocation);
        case Label::TcbWriteRegisters:
            return write_registers(invocation);
        case Label::TcbCopyRegisters:
            return copy_registers(invocation);
        case Label::TcbSuspend:
            suspend(invocation.state, &target_of(invocation));
            return {};
        case Label::TcbResume:
            restart(invocation.state, &target_of(invocation));
            return {};
        case Label::TcbConfigure:
            return configure_thread(invocation);
        case Label::TcbSetPriority:
            return set_thread_priority(invocation);
        case Label::TcbSetMcPriority:
            return set_thread_max_priority(invocation);
        case Label::TcbSetSchedParams:
            return set_thread_sched_params(invocation);
        case Label::TcbSetIpcBuffer:
            return set_thread_ipc_buffer(invocation);
        case Label::TcbSetSpace:
            return set_thread_space(invocation);
        case Label::TcbSetTimeoutEndpoint:
            return set_thread_timeout_endpoint(invocation);
        case Label::TcbBindNotification:
            return bind_notification(invocation);
        case Label::TcbUnbindNotification:
            return unbind_notification(invocation);
        case Label::TcbSetTlsBase:
            return set_tls_base(invocation);
        case Label::TcbSetFlags:
            return set_flags(invocation);
        default:
            return Err{illegal_operation()};
    }
}

}  // namespace kos::sim
