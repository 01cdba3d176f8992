// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/engine.hpp"

#include <algorithm>
#include <cstring>

namespace kos::msgserver {

namespace {

using message::Call;
namespace flag = message::channel_flag;

}  // namespace

message::Board& Engine::board(std::uint32_t member) {
    return *reinterpret_cast<message::Board*>(areas_.data() +
                                              std::uint64_t{member} * message::area_size);
}

ChannelId Engine::channel_of(std::uint32_t member, std::uint64_t number) {
    if (number >= message::channels_of_an_app) return {};
    const ChannelId id{static_cast<std::uint16_t>(member), static_cast<std::uint16_t>(number)};
    const ChannelState& state = at(id);
    return state.kind == ChannelKind::Free || state.is_closing ? ChannelId{} : id;
}

/// A free channel. Where there is none, the one that its app closed first is given up: its peer
/// loses what it has not read.
ChannelId Engine::open(std::uint32_t member, ChannelKind kind) {
    ChannelId found;
    for (std::uint16_t i = 0; i < message::channels_of_an_app; ++i) {
        const ChannelId id{static_cast<std::uint16_t>(member), i};
        if (at(id).kind == ChannelKind::Free) {
            found = id;
            break;
        }
        if (at(id).is_closing && (found.is_null() || at(id).order < at(found).order)) found = id;
    }
    if (found.is_null()) return found;
    if (at(found).kind != ChannelKind::Free) reset(found);
    leave_lane(found);
    at(found) = {};
    at(found).kind = kind;
    shared(found) = {};
    set_flags(found, flag::open);
    return found;
}

void Engine::free(ChannelId id) {
    leave_tokens(id);
    leave_lane(id);
    at(id) = {};
    shared(id) = {};
    changed(id);
}

CallAnswer Engine::opened(ChannelId id) {
    if (id.is_null()) return failed(Errno::TooManyFiles);
    return {Errno::Ok, 1, {id.index}};
}

void Engine::close(ChannelId id) {
    switch (at(id).kind) {
        case ChannelKind::Free:
            return;
        case ChannelKind::Session:
            clear_session(id);
            return free(id);
        case ChannelKind::Idle:
            return free(id);
        case ChannelKind::Listener:
            for (std::uint32_t m = 0; m < members_.size(); ++m) {
                for (std::uint16_t i = 0; i < message::channels_of_an_app; ++i) {
                    const ChannelId one{static_cast<std::uint16_t>(m), i};
                    if (at(one).kind == ChannelKind::Waiting && at(one).peer == id) reset(one);
                }
            }
            return free(id);
        case ChannelKind::Waiting:
        case ChannelKind::Stream:
            return close_stream(id);
    }
}

/// All that the app had is closed. What it wrote into streams is still delivered, from its area,
/// which is the server's memory.
void Engine::end_member(std::uint32_t member) {
    for (std::uint16_t i = 0; i < message::channels_of_an_app; ++i) {
        const ChannelId id{static_cast<std::uint16_t>(member), i};
        if (at(id).kind != ChannelKind::Free && !at(id).is_closing) close(id);
    }
    board(member).waiters = 0;
    // Void tokens stay until their other side has been told.
    members_[member].publications = {};
}

/// What the app's last run has left goes, so that the next one finds an empty area.
void Engine::clear_member(std::uint32_t member) {
    for (std::uint16_t i = 0; i < message::channels_of_an_app; ++i) {
        const ChannelId id{static_cast<std::uint16_t>(member), i};
        if (at(id).kind != ChannelKind::Free) reset(id);
        leave_lane(id);
    }
    std::memset(static_cast<void*>(&board(member)), 0, message::area_size);
    members_[member].next_port = 0;
    members_[member].channels = {};
}

void Engine::set_state(std::uint32_t member, std::uint32_t starts, bool is_running) {
    MemberState& state = members_[member];
    const bool is_another = state.generation != starts;
    if (state.is_running && (!is_running || is_another)) end_member(member);
    if (is_running && (!state.is_running || is_another) && state.has_run) clear_member(member);
    state.has_run = state.has_run || is_running;
    state.generation = starts;
    state.is_running = is_running;
    if (is_running) board(member).generation = starts;
}

CallAnswer Engine::call(std::uint32_t member, Call call,
                        const std::array<std::uint64_t, 4>& words) {
    if (member >= members_.size() || !members_[member].is_running) return failed(Errno::BadFile);
    const message::PlanMember record = plan_.member(member);
    switch (call) {
        case Call::OpenSession: {
            if (words[0] >= record.sockets.count) return failed(Errno::NoEntry);
            const ChannelId id = open(member, ChannelKind::Session);
            if (!id.is_null()) {
                const auto socket =
                    plan_.socket(record.sockets, static_cast<std::uint32_t>(words[0]));
                at(id).networks = socket.networks;
                set_flags(id, flag::connected);
            }
            return opened(id);
        }
        case Call::OpenStream:
            return opened(open(member, ChannelKind::Idle));
        case Call::SocketName: {
            if (words[0] >= record.sockets.count) return failed(Errno::NoEntry);
            const auto socket = plan_.socket(record.sockets, static_cast<std::uint32_t>(words[0]));
            const std::string_view name = plan_.text(socket.name);
            CallAnswer answer{Errno::Ok, 4, {name.size()}};
            std::memcpy(&answer.words[1], name.data(),
                        std::min(name.size(), message::longest_socket_name));
            return answer;
        }
        case Call::Address:
            if (words[0] >= record.addresses.count) return failed(Errno::NoEntry);
            return {Errno::Ok,
                    1,
                    {plan_.address(record.addresses, static_cast<std::uint32_t>(words[0])).ipv4}};
        default:
            break;
    }
    const ChannelId id = channel_of(member, words[0]);
    if (id.is_null()) return failed(Errno::BadFile);
    const auto address = static_cast<std::uint32_t>(words[1]);
    switch (call) {
        case Call::Close:
            close(id);
            return {};
        case Call::Kick:
            if (at(id).kind == ChannelKind::Session) {
                serve(id);
                wake_token_peers(id);
            } else if (at(id).kind == ChannelKind::Stream) {
                pump(id);
                // The other end may have had bytes that found no room.
                if (at(id).kind == ChannelKind::Stream && !at(id).peer.is_null()) {
                    pump(at(id).peer);
                }
                wake_lane_peer(id);
            }
            return {};
        case Call::Listen:
            return listen(id, address, words[2], words[3]);
        case Call::Connect:
            return connect(id, address, words[2], words[3] != 0);
        case Call::Accept:
            return accept(id);
        case Call::ShutDown:
            return shut_down(id);
        default:
            return failed(Errno::NoSystemCall);
    }
}

}  // namespace kos::msgserver
