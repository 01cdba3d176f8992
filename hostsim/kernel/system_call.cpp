// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/system_call.hpp"

#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/endpoint.hpp"
#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/invoke.hpp"
#include "hostsim/kernel/lookup.hpp"
#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/notification.hpp"
#include "hostsim/kernel/scheduler.hpp"
#include "lib/sel4/syscall.hpp"

namespace kos::sim {

namespace {

using sel4::FaultKind;
using sel4::Syscall;

void cap_fault(State& state, Word cptr, bool in_receive, const LookupFault& lookup) {
    deliver_fault(state, state.current(),
                  {.kind = FaultKind::CapFault, .value = cptr, .flag = in_receive}, lookup);
}

void receive_on_endpoint(State& state, const Capability& cap, bool blocking, bool with_reply) {
    Thread& receiver = *state.current();
    Reply* reply = nullptr;
    if (with_reply) {
        const Word cptr = receiver.registers.x[6];
        auto slot = look_up_slot(receiver, cptr);
        if (!slot) return cap_fault(state, cptr, true, slot.error());
        const Capability& reply_cap = (*slot)->cap;
        if (reply_cap.kind != CapKind::Reply) {
            return cap_fault(state, cptr, true, missing_capability(0));
        }
        reply = reply_cap.as<Reply>();
    }
    receive_ipc(state, receiver, *cap.as<Endpoint>(), blocking, reply);
}

void receive(State& state, bool blocking, bool with_reply) {
    Thread& receiver = *state.current();
    const Word cptr = receiver.registers.x[0];
    auto slot = look_up_slot(receiver, cptr);
    if (!slot) return cap_fault(state, cptr, true, slot.error());
    const Capability& cap = (*slot)->cap;
    const bool can_receive = cap.can(RightsMask::read);
    if (cap.kind == CapKind::Endpoint && can_receive) {
        return receive_on_endpoint(state, cap, blocking, with_reply);
    }
    if (cap.kind == CapKind::Notification && can_receive) {
        auto& notification = *cap.as<Notification>();
        const Thread* bound = notification.bound_thread;
        if (bound == nullptr || bound == &receiver) {
            return receive_signal(state, receiver, notification, blocking);
        }
    }
    cap_fault(state, cptr, true, missing_capability(0));
}

void yield(State& state) {
    SchedContext& context = *state.scheduler.current_context;
    // The whole replenishment is given up, but only what was used counts as consumed.
    const Ticks consumed = context.consumed + state.time.consumed;
    charge_budget(state, context.refills.head().amount, false);
    context.consumed = consumed;
}

void make_call(State& state, Syscall number) {
    const Registers& registers = state.current()->registers;
    const Word x0 = registers.x[0];
    constexpr InvokeMode send{.blocking = true};
    constexpr InvokeMode first_phase{.can_donate = true, .first_phase = true};
    switch (number) {
        case Syscall::Call:
            invoke(state, x0, {.is_call = true, .blocking = true, .can_donate = true});
            return;
        case Syscall::Send:
            invoke(state, x0, send);
            return;
        case Syscall::NbSend:
            invoke(state, x0, {});
            return;
        case Syscall::Recv:
            receive(state, true, true);
            return;
        case Syscall::NbRecv:
            receive(state, false, true);
            return;
        case Syscall::Wait:
            receive(state, true, false);
            return;
        case Syscall::NbWait:
            receive(state, false, false);
            return;
        case Syscall::ReplyRecv:
            invoke(state, registers.x[6], first_phase);
            receive(state, true, true);
            return;
        case Syscall::NbSendRecv:
            invoke(state, registers.x[8], first_phase);
            receive(state, true, true);
            return;
        case Syscall::NbSendWait:
            invoke(state, registers.x[6], first_phase);
            receive(state, true, false);
            return;
        case Syscall::Yield:
            yield(state);
            return;
    }
}

constexpr std::int64_t debug_put_char = -12;

}  // namespace

void handle_system_call(State& state) {
    Registers& registers = state.current()->registers;
    registers.fault_ip = registers.pc - 4;
    const auto number = static_cast<std::int64_t>(registers.x[7]);
    if (number == debug_put_char && state.hooks.console != nullptr) {
        state.hooks.console->put(static_cast<char>(registers.x[0]));
        return;
    }
    update_timestamp(state);
    if (!check_budget_or_restart(state)) return;
    if (number >= static_cast<std::int64_t>(Syscall::Yield) &&
        number <= static_cast<std::int64_t>(Syscall::Call)) {
        make_call(state, static_cast<Syscall>(number));
    } else {
        deliver_fault(state, state.current(),
                      {.kind = FaultKind::UnknownSyscall, .value = registers.x[7]});
    }
}

}  // namespace kos::sim
