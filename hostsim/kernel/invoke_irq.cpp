// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// IRQControl and IRQHandler invocations (manual §8.1, A.2.4, A.2.5).
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/interrupt.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/lookup.hpp"
#include "hostsim/kernel/state.hpp"

namespace kos::sim {

namespace {

using Label = sel4::Invocation;

/// Makes a handler; `first` is the message word behind the interrupt's own arguments.
Invoked make_handler(const Invocation& invocation, unsigned first) {
    if (!invocation.carries(first + 2, 1)) return Err{truncated_message()};
    const Word irq = invocation.word(0);
    if (irq > max_irq) return Err{range_error(0, max_irq)};
    InterruptLine& line = invocation.state.interrupts[irq];
    if (line.state != InterruptLine::State::Inactive) return Err{revoke_first()};
    Slot& destination = *KOS_TRY(resolve_slot(invocation.extra_cap(0)->cap, invocation.word(first),
                                              invocation.word(first + 1), false));
    KOS_TRY(ensure_empty(destination));

    line.state = InterruptLine::State::Signal;
    unmask(invocation.state, static_cast<unsigned>(irq));
    Capability cap;
    cap.kind = CapKind::IrqHandler;
    cap.word = irq;
    insert_cap(cap, invocation.slot, destination);
    return {};
}

Invoked set_notification(const Invocation& invocation) {
    if (!invocation.carries(0, 1)) return Err{truncated_message()};
    Slot& source = *invocation.extra_cap(0);
    const Capability cap = source.cap;
    if (cap.kind != CapKind::Notification || !cap.can(RightsMask::write)) {
        return Err{invalid_capability(0)};
    }
    Slot& handler = invocation.state.interrupts[invocation.cap.word].handler;
    delete_cap(invocation.state, handler);
    insert_cap(cap, source, handler);
    return {};
}

}  // namespace

Invoked invoke_irq_control(const Invocation& invocation) {
    if (invocation.label == Label::IrqControlGet) return make_handler(invocation, 1);
    if (invocation.label == Label::IrqControlGetTrigger) return make_handler(invocation, 2);
    return Err{illegal_operation()};
}

Invoked invoke_irq_handler(const Invocation& invocation) {
    if (!invocation.label) return Err{illegal_operation()};
    const auto irq = static_cast<unsigned>(invocation.cap.word);
    switch (*invocation.label) {
        case Label::IrqHandlerAck:
            unmask(invocation.state, irq);
            return {};
        case Label::IrqHandlerSetNotification:
            return set_notification(invocation);
        case Label::IrqHandlerClear:
            delete_cap(invocation.state, invocation.state.interrupts[irq].handler);
            return {};
        default:
            return Err{illegal_operation()};
    }
}

}  // namespace kos::sim
