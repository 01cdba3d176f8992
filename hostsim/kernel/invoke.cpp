// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/invoke.hpp"

#include "hostsim/kernel/endpoint.hpp"
#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/lookup.hpp"
#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/notification.hpp"
#include "hostsim/kernel/scheduler.hpp"
#include "hostsim/kernel/trace.hpp"

#include <algorithm>

namespace kos::sim {

namespace {

/// Kinds that cannot be invoked by a system call that then receives.
bool is_barred_in_first_phase(CapKind kind) {
    switch (kind) {
        case CapKind::Thread:
        case CapKind::Domain:
        case CapKind::CNode:
        case CapKind::SchedControl:
        case CapKind::SchedContext:
            return true;
        default:
            return false;
    }
}

Invoked invoke_object(const Invocation& invocation) {
    switch (invocation.cap.kind) {
        case CapKind::Untyped:
            return invoke_untyped(invocation);
        case CapKind::CNode:
            return invoke_cnode(invocation);
        case CapKind::Thread:
            return invoke_thread(invocation);
        case CapKind::SchedControl:
            return invoke_sched_control(invocation);
        case CapKind::SchedContext:
            return invoke_sched_context(invocation);
        case CapKind::Frame:
            return invoke_frame(invocation);
        case CapKind::PageTable:
            return invoke_page_table(invocation);
        case CapKind::AsidControl:
            return invoke_asid_control(invocation);
        case CapKind::AsidPool:
            return invoke_asid_pool(invocation);
        case CapKind::IrqControl:
            return invoke_irq_control(invocation);
        case CapKind::IrqHandler:
            return invoke_irq_handler(invocation);
        case CapKind::VSpace:
            return invoke_vspace(invocation);
        case CapKind::Vcpu:
            return invoke_vcpu(invocation);
        case CapKind::Domain:
            return Err{illegal_operation()};
        default:
            return Err{invalid_capability(0)};
    }
}

Invoked invoke_or_inject(const Invocation& invocation) {
    State& state = invocation.state;
    if (state.hooks.failures != nullptr) {
        if (const auto injected = state.hooks.failures->fail(*state.current(), invocation.label)) {
            InvocationError error{injected->error, {}, injected->length};
            for (unsigned i = 0; i < injected->length; ++i) error.words[i] = injected->words[i];
            return Err{error};
        }
    }
    return invoke_object(invocation);
}

void answer_error(const State& state, Thread& thread, const InvocationError& error) {
    sel4::IpcBuffer* buffer = receive_buffer(state, thread);
    unsigned length = 0;
    for (unsigned i = 0; i < error.length; ++i) {
        length = set_word(thread, buffer, i, error.words[i]);
    }
    thread.set_badge(0);
    thread.set_message_info({static_cast<Word>(error.code), 0, length});
}

/// While it runs, the invoker is to restart; it is Running again unless it was stopped.
void finish(State& state, Thread& thread, bool is_call) {
    if (thread.state != ThreadState::Restart) return;
    if (is_call) answer_words(state, thread, {});
    set_thread_state(state, &thread, ThreadState::Running);
}

void run_invocation(const Invocation& invocation, Word cptr) {
    State& state = invocation.state;
    Thread& thread = *state.current();
    InvocationTrace trace{invocation, cptr};
    set_thread_state(state, &thread, ThreadState::Restart);
    const Invoked invoked = invoke_or_inject(invocation);
    if (!invoked) {
        set_thread_state(state, &thread, ThreadState::Running);
        if (invocation.is_call) answer_error(state, thread, invoked.error());
    } else {
        finish(state, thread, invocation.is_call);
    }
    trace.report(invoked ? sel4::Error::None : invoked.error().code);
}

/// Endpoints, notifications and replies: whether `cap` is one, which can be used.
bool send_message(State& state, const Capability& cap, const InvokeMode& mode) {
    Thread& thread = *state.current();
    const bool can_send = cap.can(RightsMask::write);
    switch (cap.kind) {
        case CapKind::Endpoint:
            if (!can_send) return false;
            set_thread_state(state, &thread, ThreadState::Restart);
            send_ipc(state, thread, *cap.as<Endpoint>(),
                     {.blocking = mode.blocking,
                      .is_call = mode.is_call,
                      .can_donate = mode.can_donate,
                      .can_grant = cap.can(RightsMask::grant),
                      .can_grant_reply = cap.can(RightsMask::grant_reply),
                      .badge = cap.word});
            break;
        case CapKind::Notification:
            if (!can_send) return false;
            set_thread_state(state, &thread, ThreadState::Restart);
            send_signal(state, *cap.as<Notification>(), cap.word);
            break;
        case CapKind::Reply:
            set_thread_state(state, &thread, ThreadState::Restart);
            send_reply(state, thread, *cap.as<Reply>(), cap.can(RightsMask::grant));
            break;
        default:
            return false;
    }
    finish(state, thread, mode.is_call);
    return true;
}

}  // namespace

void invoke(State& state, Word cptr, const InvokeMode& mode) {
    Thread& thread = *state.current();
    auto slot = look_up_slot(thread, cptr);
    if (!slot) {
        if (mode.blocking) {
            deliver_fault(state, &thread, {.kind = sel4::FaultKind::CapFault, .value = cptr},
                          slot.error());
        }
        return;
    }
    if (const auto failure = look_up_extra_caps(state, thread)) {
        if (mode.blocking) {
            deliver_fault(state, &thread,
                          {.kind = sel4::FaultKind::CapFault, .value = failure->cptr},
                          failure->fault);
        }
        return;
    }
    const Capability cap = (*slot)->cap;
    if (send_message(state, cap, mode)) return;
    if (mode.first_phase && is_barred_in_first_phase(cap.kind)) {
        return;  // an error that nobody waits for
    }
    const sel4::MessageInfo info = thread.message_info();
    const bool has_buffer = send_buffer(state, thread) != nullptr;
    const unsigned length =
        has_buffer ? info.length() : std::min(info.length(), sel4::message_registers);
    run_invocation({.state = state,
                    .slot = **slot,
                    .cap = cap,
                    .label = state.abi_tables.invocation(info.label()),
                    .length = length,
                    .is_call = mode.is_call},
                   cptr);
}

}  // namespace kos::sim
