// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/core/switch.hpp"

#include "lib/base/panic.hpp"

#include <bit>

namespace kos::netswitch {

bool Switch::join(Port& port, const std::optional<MacAddress>& address) {
    if (port.number_) panic("Switch: a port joined twice");
    port.number_ = forwarding_.join(address);
    if (!port.number_) return false;
    ports_[*port.number_] = &port;
    return true;
}

void Switch::leave(Port& port) {
    if (!port.number_) return;
    forwarding_.leave(*port.number_);
    ports_[*port.number_] = nullptr;
    port.number_.reset();
    port.queue_.clear();
}

void Switch::receive(Port& port, Bytes packet, std::uint64_t now) {
    if (!port.number_) return;
    const Bytes frame = packet.size() < packet_head ? Bytes{} : packet.subspan(packet_head);
    const Verdict verdict = forwarding_.decide(*port.number_, frame, now);
    if (verdict.to == 0) {
        ++(verdict.drop == Drop::Spoofed ? port.metrics_.spoofed : port.metrics_.misdirected);
        return;
    }
    ++port.metrics_.received;
    for (PortSet rest = verdict.to; rest != 0; rest &= rest - 1) {
        hand(*port.number_, *ports_[static_cast<unsigned>(std::countr_zero(rest))], packet);
    }
}

void Switch::hand(unsigned sender, Port& port, Bytes packet) {
    // Behind what waits already: packets keep their order.
    const Taking taking = port.queue_.empty() ? port.take(packet) : Taking::Later;
    if (taking == Taking::Later && port.queue_.push(sender, packet)) return;
    port.metrics_.sent += taking == Taking::Done ? 1 : 0;
    port.metrics_.refused += taking == Taking::Refused ? 1 : 0;
    port.metrics_.queue_full += taking == Taking::Later ? 1 : 0;
}

void Switch::ready(Port& port) {
    while (!port.queue_.empty()) {
        const Taking taking = port.take(port.queue_.front());
        if (taking == Taking::Later) return;
        ++(taking == Taking::Done ? port.metrics_.sent : port.metrics_.refused);
        port.queue_.pop();
    }
}

}  // namespace kos::netswitch
