// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/ports/engine.hpp"

namespace kos::netswitch {

namespace {

/// Addresses behind trunks age; there are no trunks here.
constexpr std::uint64_t now = 0;

}  // namespace

Engine::Engine(const ethernet::PlanView& plan, const Memory& memory, Host& host)
    : plan_(plan), host_(host) {
    for (std::uint32_t m = 0; m < plan_.member_count(); ++m) {
        const MemberPort::Memory own{
            memory.areas.subspan(m * ethernet::area_size, ethernet::area_size),
            memory.queues.subspan(m * ethernet::queue_size, ethernet::queue_size)};
        ports_[m].emplace(own, host, m);
    }
}

Errno Engine::call(std::uint32_t member, ethernet::Call call) {
    if (member >= plan_.member_count()) return Errno::Invalid;
    switch (call) {
        case ethernet::Call::Attach:
            return attach(member);
        case ethernet::Call::Kick:
            return kick(member);
    }
    return Errno::Invalid;
}

void Engine::detach(std::uint32_t member) {
    if (member >= plan_.member_count()) return;
    switch_.leave(*ports_[member]);
    is_attached_[member] = false;
}

Errno Engine::attach(std::uint32_t member) {
    detach(member);
    ports_[member]->reset();
    // Where the plan has an address twice.
    if (!switch_.join(*ports_[member], plan_.member(member).mac)) return Errno::AddressInUse;
    is_attached_[member] = true;
    return Errno::Ok;
}

Errno Engine::kick(std::uint32_t member) {
    if (!is_attached_[member]) return Errno::NotConnected;
    MemberPort& port = *ports_[member];
    const bool is_sound =
        port.drain(packet_, [&](Bytes packet) { switch_.receive(port, packet, now); });
    if (!is_sound) {
        detach(member);
        host_.broke(member);
        return Errno::NotConnected;
    }
    switch_.ready(port);
    if (!port.has_waiting()) port.nothing_waits();
    return Errno::Ok;
}

}  // namespace kos::netswitch
