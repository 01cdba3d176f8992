// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Lanes of tokens (docs/adr/0016): once a token has carried enough messages, the next ones go in a
// lane, whoever puts them there: the sender itself, or the server with what came through the ring.
// So its messages have one order. An app has a lane until it has taken all that is in it, and loses
// it within a Call of its own alone: no thread of it looks at memory that is gone.
//
//   Send ─ carried enough ─► in use ─ token void ─► of who ended it: taken back at once
//                                                   of the other: has_ended, until it has
//                                                   taken all, then Kick, taken back, Gone
#include "msgserver/core/engine.hpp"

#include <cstring>

namespace kos::msgserver {

namespace {

using message::Lane;
using message::RecordKind;
using message::Status;

/// As for a stream (lanes.cpp): what the server does for its messages until it is as much as to map
/// a lane and to zero it. A message is as much work as 2 KiB of a stream.
constexpr std::uint16_t worth_a_lane = 256, of_a_message = 2, stays_here = 0xffff;

}  // namespace

bool Engine::is_place_used(ChannelId place) const {
    if (members_[place.member].channels[place.index].lane != 0) return true;
    for (const TokenLane& one : token_lanes_) {
        if (one.places[requester] == place || one.places[publisher] == place) return true;
    }
    return false;
}

/// The session's own, which no stream needs; or the last of the app's that are free.
ChannelId Engine::free_place(ChannelId session) const {
    if (!is_place_used(session)) return session;
    for (std::uint16_t index = message::channels_of_an_app; index-- > 0;) {
        const ChannelId place{session.member, index};
        if (!is_place_used(place)) return place;
    }
    return {};
}

/// A message of that size has been delivered by the server.
void Engine::consider_token_lane(TokenState& state, std::size_t size) {
    constexpr std::size_t kibibyte = 1024;
    if (state.lane != 0 || state.carried == stays_here) return;
    if (state.carried < worth_a_lane) {
        state.carried = static_cast<std::uint16_t>(state.carried + of_a_message + size / kibibyte);
    }
    // Events that a side is owed come first.
    if (state.carried < worth_a_lane || state.owed != decltype(state.owed){}) return;
    const std::array places{free_place(state.sides[requester]), free_place(state.sides[publisher])};
    const auto lane = free_lane();
    if (!lane || places[requester].is_null() || places[publisher].is_null()) return;
    // Once and for all, as for a stream: where it fails, no message more is spent on trying again.
    state.carried = stays_here;
    if (!share_lane(*lane, places[requester], places[publisher])) return;
    state.lane = static_cast<std::uint8_t>(*lane + 1);
    token_lanes_[*lane] = {&state, places};
    for (const Side side : {requester, publisher}) use_token_lane(state, side, places[side]);
}

void Engine::use_token_lane(TokenState& state, Side side, ChannelId place) {
    message::Board& own = board(place.member);
    message::TokenPlace& shown = shared_place(place);
    shown = {};
    shown.after = at(state.sides[side]).to_tail;
    std::memcpy(shown.token, state.token.data(), sizeof shown.token);
    // What is not complete yet is no connection's.
    __atomic_store_n(&shown.channel, state.sides[side].index + 1u, __ATOMIC_SEQ_CST);
    __atomic_store_n(&shown.lane, side + 1u, __ATOMIC_SEQ_CST);
    __atomic_or_fetch(&own.token_lanes, 1u << place.index, __ATOMIC_SEQ_CST);
    __atomic_or_fetch(&own.lanes, 1u << place.index, __ATOMIC_SEQ_CST);
    changed(state.sides[side]);
}

bool Engine::has_token_lane(const TokenState& state, Side side) const {
    return state.lane != 0 && !token_lanes_[state.lane - 1u].places[side].is_null();
}

/// The app of this side has it no more.
void Engine::leave_token_lane(TokenState& state, Side side) {
    if (!has_token_lane(state, side)) return;
    const std::uint32_t lane = state.lane - 1u;
    TokenLane& held = token_lanes_[lane];
    const ChannelId place = held.places[side];
    held.places[side] = {};
    // An app that adds up what its connection and its lanes count sees no less than before.
    std::uint32_t& changes = shared(state.sides[side]).changes;
    __atomic_store_n(&changes, changes + Lane{lane_at(lane), side}.changes(), __ATOMIC_SEQ_CST);
    message::Board& own = board(place.member);
    __atomic_and_fetch(&own.lanes, ~(1u << place.index), __ATOMIC_SEQ_CST);
    __atomic_and_fetch(&own.token_lanes, ~(1u << place.index), __ATOMIC_SEQ_CST);
    shared_place(place) = {};
    take_back(place, lane);
    if (!held.places[other(side)].is_null()) return;
    held = {};
    state.lane = 0;
}

/// Side \p side has ended the token: it writes no more, and the other takes what is there.
void Engine::end_token_lane(TokenState& state, Side side) {
    leave_token_lane(state, side);
    const Side peer = other(side);
    if (!has_token_lane(state, peer)) return;
    const ChannelId place = token_lanes_[state.lane - 1u].places[peer];
    __atomic_store_n(&shared_place(place).has_ended, 1, __ATOMIC_SEQ_CST);
    changed(state.sides[peer]);
}

/// In a Call of the side's app. Where the lane could not be taken from the one that ended the
/// token, what that still writes is not waited for.
void Engine::leave_when_taken(TokenState& state, Side side) {
    if (!state.is_void || !has_token_lane(state, side)) return;
    const std::uint32_t lane = state.lane - 1u;
    if (lane_users_[lane] > 1 || Lane{lane_at(lane), side}.pending() == 0) {
        leave_token_lane(state, side);
    }
}

/// In a Call of the app that it is from, which does not write itself meanwhile.
bool Engine::put_in_lane(TokenState& state, Side from, RecordKind kind, Bytes bytes) {
    if (!has_token_lane(state, other(from))) return false;
    const Lane lane{lane_at(state.lane - 1u), from};
    if (!lane.put_record(kind, bytes)) return false;
    wake_all(state.sides[other(from)].member, lane.tell());
    return true;
}

Status Engine::send_by_lane(TokenState& state, Side from, Bytes message) {
    if (put_in_lane(state, from, RecordKind::Message, message)) return Status::Ok;
    // First the wish, then another look: no room goes unnoticed.
    Lane{lane_at(state.lane - 1u), from}.want_room();
    if (put_in_lane(state, from, RecordKind::Message, message)) return Status::Ok;
    shared_place(token_lanes_[state.lane - 1u].places[from]).owes_room = 1;
    return Status::Full;
}

/// The app of \p id has told its peers something, and cannot signal all that wait for it.
void Engine::wake_token_peers(ChannelId id) {
    for (const TokenLane& one : token_lanes_) {
        if (one.token == nullptr || one.token->is_void) continue;
        for (const Side side : {requester, publisher}) {
            if (one.token->sides[side] != id) continue;
            const Lane lane{lane_at(one.token->lane - 1u), side};
            wake_all(one.token->sides[other(side)].member, lane.take_waiters());
        }
    }
}

}  // namespace kos::msgserver
