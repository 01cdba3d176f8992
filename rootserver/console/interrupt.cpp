// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/console/interrupt.hpp"

namespace kos::rootserver {

namespace {

Subject subject_of(unsigned number) { return {"interrupt", number}; }

}  // namespace

Attempt<Interrupt> Interrupt::create(RootMemory& memory, const RootCSpace& cspace, unsigned number,
                                     sel4::Cap<sel4::Notification> notification) {
    const Subject subject = subject_of(number);
    const sel4::Cap<sel4::IrqHandler> handler{KOS_TRY(memory.slot(subject))};
    KOS_TRY(about(subject, sel4::irq_control_get_trigger(
                               sel4::Cap<sel4::IrqControl>{sel4::root_slot::irq_control}, number,
                               false, cspace.slot(handler.cptr()))));
    KOS_TRY(about(subject, sel4::irq_handler_set_notification(handler, notification)));
    return Interrupt{number, handler};
}

Attempt<> Interrupt::acknowledge() {
    return about(subject_of(number_), sel4::irq_handler_ack(handler_));
}

}  // namespace kos::rootserver
