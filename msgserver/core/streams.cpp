// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/engine.hpp"

#include <algorithm>

namespace kos::msgserver {

namespace {

namespace flag = message::channel_flag;

constexpr std::uint32_t first_free_port = 32768, port_limit = 65536;
constexpr std::uint32_t most_waiting = 4096;

}  // namespace

bool Engine::has_address(std::uint32_t member, std::uint32_t address) {
    const message::PlanRange range = plan_.member(member).addresses;
    for (std::uint32_t i = 0; i < range.count; ++i) {
        if (plan_.address(range, i).ipv4 == address) return true;
    }
    return false;
}

ChannelId Engine::find_listener(std::uint32_t member, std::uint32_t address, std::uint32_t port) {
    for (std::uint16_t i = 0; i < message::channels_of_an_app; ++i) {
        const ChannelId id{static_cast<std::uint16_t>(member), i};
        const ChannelState& state = at(id);
        if (state.kind != ChannelKind::Listener || state.port != port) continue;
        if (state.address == 0 || address == 0 || state.address == address) return id;
    }
    return {};
}

std::uint32_t Engine::free_port(std::uint32_t member) {
    std::uint32_t& next = members_[member].next_port;
    do {
        next = next < first_free_port || next + 1 == port_limit ? first_free_port : next + 1;
    } while (!find_listener(member, 0, next).is_null());
    return next;
}

CallAnswer Engine::listen(ChannelId id, std::uint32_t address, std::uint64_t port,
                          std::uint64_t backlog) {
    ChannelState& state = at(id);
    const auto limit =
        static_cast<std::uint32_t>(std::clamp<std::uint64_t>(backlog, 1, most_waiting));
    if (state.kind == ChannelKind::Listener) {
        state.backlog = limit;
        return {Errno::Ok, 1, {state.port}};
    }
    if (state.kind != ChannelKind::Idle || port >= port_limit) return failed(Errno::Invalid);
    if (address != 0 && !has_address(id.member, address)) {
        return failed(Errno::AddressNotAvailable);
    }
    const auto wanted = port == 0 ? free_port(id.member) : static_cast<std::uint32_t>(port);
    if (!find_listener(id.member, address, wanted).is_null()) return failed(Errno::AddressInUse);
    state.kind = ChannelKind::Listener;
    state.address = address;
    state.port = wanted;
    state.backlog = limit;
    host_.provides(id.member, wanted, {});
    return {Errno::Ok, 1, {wanted}};
}

/// The app that \p member reaches at \p address: itself, or one on a network that both are on.
std::optional<Engine::Destination> Engine::find(std::uint32_t member, std::uint32_t address) {
    const message::PlanRange own = plan_.member(member).addresses;
    for (std::uint32_t i = 0; i < own.count; ++i) {
        const message::PlanAddress here = plan_.address(own, i);
        for (std::uint32_t m = 0; m < members_.size(); ++m) {
            const message::PlanRange range = plan_.member(m).addresses;
            for (std::uint32_t k = 0; k < range.count; ++k) {
                const message::PlanAddress there = plan_.address(range, k);
                if (there.network == here.network && there.ipv4 == address) {
                    return Destination{m, here.ipv4};
                }
            }
        }
    }
    return std::nullopt;
}

CallAnswer Engine::connect(ChannelId id, std::uint32_t address, std::uint64_t port,
                           bool asks_elsewhere) {
    ChannelState& state = at(id);
    if (state.kind == ChannelKind::Waiting || state.kind == ChannelKind::Stream) {
        return failed(Errno::Connected);
    }
    if (state.kind != ChannelKind::Idle) return failed(Errno::Invalid);
    const auto destination = find(id.member, address);
    if (!destination) {
        if (!asks_elsewhere) {
            host_.refused(id.member, "an address that is on none of its networks");
        }
        return failed(Errno::NetworkUnreachable);
    }
    const ChannelId listener = port < port_limit ? find_listener(destination->member, address,
                                                                 static_cast<std::uint32_t>(port))
                                                 : ChannelId{};
    if (listener.is_null() || at(listener).waiting >= at(listener).backlog) {
        return failed(Errno::Refused);
    }
    state.kind = ChannelKind::Waiting;
    state.peer = listener;
    state.order = ++order_;
    state.address = destination->own_address;
    state.port = free_port(id.member);
    state.peer_address = address;
    state.peer_port = static_cast<std::uint32_t>(port);
    set_flags(id, flag::connected);
    if (++at(listener).waiting == 1) set_flags(listener, flag::acceptable);
    changed(listener);
    return {Errno::Ok, 2, {state.address, state.port}};
}

CallAnswer Engine::accept(ChannelId listener) {
    if (at(listener).kind != ChannelKind::Listener) return failed(Errno::Invalid);
    ChannelId first;
    for (std::uint32_t m = 0; m < members_.size(); ++m) {
        for (std::uint16_t i = 0; i < message::channels_of_an_app; ++i) {
            const ChannelId id{static_cast<std::uint16_t>(m), i};
            const bool waits = at(id).kind == ChannelKind::Waiting && at(id).peer == listener;
            if (waits && (first.is_null() || at(id).order < at(first).order)) first = id;
        }
    }
    if (first.is_null()) return failed(Errno::Again);
    const ChannelId own = open(listener.member, ChannelKind::Stream);
    if (own.is_null()) return failed(Errno::TooManyFiles);
    if (own == first) {
        // The app's own, closed by it already, and given up to make room.
        free(own);
        return failed(Errno::Again);
    }
    if (--at(listener).waiting == 0) clear_flags(listener, flag::acceptable);
    const ChannelState& peer = at(first);
    at(own).address = peer.peer_address;
    at(own).port = peer.peer_port;
    at(own).peer_address = peer.address;
    at(own).peer_port = peer.port;
    const CallAnswer answer{Errno::Ok, 4, {own.index, peer.address, peer.port, peer.peer_address}};
    at(first).kind = ChannelKind::Stream;
    join(first, own);
    return answer;
}

void Engine::join(ChannelId a, ChannelId b) {
    at(a).peer = b;
    at(b).peer = a;
    set_flags(a, flag::connected);
    set_flags(b, flag::connected);
    pump(a);
    if (at(b).kind == ChannelKind::Stream) pump(b);
}

CallAnswer Engine::shut_down(ChannelId id) {
    ChannelState& state = at(id);
    if (state.kind != ChannelKind::Waiting && state.kind != ChannelKind::Stream) {
        return failed(Errno::NotConnected);
    }
    state.output_ended = true;
    if (state.kind == ChannelKind::Stream) pump(id);
    return {};
}

/// Moves what \p from has written to its peer, as far as there is room, and then its end.
void Engine::pump(ChannelId from) {
    const ChannelId to = at(from).peer;
    if (to.is_null()) {
        // Nobody will read it.
        if (const auto bytes = pending(from); bytes && *bytes > 0 && !at(from).is_attached) {
            drop(from, *bytes);
        }
        return;
    }
    if (at(to).kind != ChannelKind::Stream) return;  // not accepted yet
    const auto bytes = pending(from);
    if (!bytes) return reset(from);
    auto space = room(to);
    if (space && *space < *bytes) {
        // First the wish, then another look: no room goes unnoticed.
        __atomic_store_n(&shared(to).kick_after_read, 1, __ATOMIC_SEQ_CST);
        space = room(to);
    }
    if (!space) return reset(to);
    if (const std::uint32_t count = std::min(*bytes, *space); count > 0) {
        move(from, to, count);
        at(from).carried += count;
        consider_lane(from);
    }
    if (*bytes > *space) return;
    __atomic_store_n(&shared(to).kick_after_read, 0, __ATOMIC_SEQ_CST);
    if (at(from).output_ended && (shared(to).flags & flag::end_of_input) == 0) {
        set_flags(to, flag::end_of_input);
    }
    if (at(from).is_closing) {
        at(to).peer = {};
        free(from);
        if (at(to).is_closing) return free(to);
        if ((shared(to).flags & flag::no_output) == 0) set_flags(to, flag::no_output);
    }
}

void Engine::close_stream(ChannelId id) {
    ChannelState& state = at(id);
    const ChannelId peer = state.peer;
    if (state.kind == ChannelKind::Waiting) {
        const auto bytes = pending(id);
        if (bytes && *bytes > 0) {
            // Whoever accepts it still gets what was written.
            state.output_ended = state.is_closing = true;
            state.order = ++order_;
            return;
        }
        if (--at(peer).waiting == 0) clear_flags(peer, flag::acceptable);
        return free(id);
    }
    leave_lane(id);
    if (peer.is_null()) return free(id);
    state.output_ended = state.is_closing = true;
    state.order = ++order_;
    set_flags(peer, flag::no_output);
    if (at(peer).is_closing) {
        free(peer);
        return free(id);
    }
    pump(id);
}

/// Ends a stream at once: the peer sees a reset, and \p id is free.
void Engine::reset(ChannelId id) {
    ChannelState& state = at(id);
    const ChannelId peer = state.peer;
    const bool was_waiting = state.kind == ChannelKind::Waiting;
    if (was_waiting) {
        if (at(peer).waiting > 0 && --at(peer).waiting == 0) clear_flags(peer, flag::acceptable);
    } else if (!peer.is_null()) {
        at(peer).peer = {};
        if (at(peer).is_closing) {
            free(peer);
        } else {
            set_flags(peer, flag::reset | flag::end_of_input | flag::no_output);
        }
    }
    state.peer = {};
    if (state.is_closing) return free(id);
    // Its app still has it open: it sees the reset as well, until it closes it.
    state.kind = ChannelKind::Stream;
    set_flags(id, flag::reset | flag::end_of_input | flag::no_output);
}

}  // namespace kos::msgserver
