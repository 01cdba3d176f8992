// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/interrupt.hpp"

#include "hostsim/kernel/notification.hpp"

#include <utility>

namespace kos::sim {

void raise(State& state, unsigned irq) {
    if (irq > max_irq) return;
    InterruptLine& line = state.interrupts[irq];
    if (line.masked) {
        line.pending = line.state == InterruptLine::State::Signal;
        return;
    }
    line.masked = true;
    const Capability& handler = line.handler.cap;
    if (handler.kind == CapKind::Notification && handler.can(RightsMask::write)) {
        send_signal(state, *handler.as<Notification>(), handler.word);
    }
}

void set_level(State& state, unsigned irq, bool is_high) {
    if (irq > max_irq) return;
    InterruptLine& line = state.interrupts[irq];
    line.is_high = is_high;
    if (is_high && !line.masked) raise(state, irq);
}

void unmask(State& state, unsigned irq) {
    InterruptLine& line = state.interrupts[irq];
    line.masked = false;
    if (std::exchange(line.pending, false) || line.is_high) raise(state, irq);
}

}  // namespace kos::sim
