// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tokens: each joins a session that requested a protocol with the one that publishes it.
#include "msgserver/core/engine.hpp"

namespace kos::msgserver {

namespace {

using message::Opcode;
using message::PayloadWriter;
using message::Status;
namespace flag = message::channel_flag;

/// What a message takes in the ring to its receiver.
constexpr std::uint32_t message_overhead =
    sizeof(message::FrameLength) + sizeof(message::Head) + sizeof(message::Token);

}  // namespace

std::optional<Engine::Held> Engine::find_token(ChannelId id, const message::Token& token) {
    for (MemberState& member : members_) {
        for (TokenState& state : member.tokens_in_use()) {
            if (!state.is_used || state.is_void) continue;
            for (const Side side : {requester, publisher}) {
                if (state.sides[side] == id && state.token == token) return Held{&state, side};
            }
        }
    }
    return std::nullopt;
}

void Engine::request(ChannelId id, const message::Request& request) {
    const Publication* best = nullptr;
    for (const MemberState& member : members_) {
        for (const Publication& one : member.publications) {
            if (one.owner.is_null() || one.owner == id || one.text() != request.protocol) continue;
            if (!shares_network(id, one.owner)) continue;
            if (best == nullptr || one.order < best->order) best = &one;
        }
    }
    if (best == nullptr) return answer(id, request, Status::NotFound);
    TokenState* const state = members_[id.member].unused_token();
    if (state == nullptr) return answer(id, request, Status::Limit);
    const std::uint16_t owner = best->owner.member;
    state->token = host_.random_token();
    state->generation = members_[owner].generation;
    state->sides = {id, best->owner};
    state->publication = static_cast<std::uint16_t>(best - members_[owner].publications.data());
    state->owed[publisher] = owed::granted;
    auto writer =
        PayloadWriter::answer(static_cast<std::uint16_t>(request.opcode), request.id, Status::Ok);
    writer.token(state->token).number(state->generation);
    (void)put_payload(id, writer.payload());  // serve() has seen to the room
    tell(*state);
}

Status Engine::send(ChannelId id, const message::Request& request) {
    const auto held = find_token(id, request.token);
    if (!held) {
        host_.refused(id.member, "a token that is not its own");
        return Status::NotFound;
    }
    if (held->state->lane != 0) return send_by_lane(*held->state, held->side, request.message);
    const Side to_side = other(held->side);
    const ChannelId to = held->state->sides[to_side];
    PayloadWriter writer{Opcode::Message, 0};
    writer.token(request.token).bytes(request.message);
    const auto deliver = [&] {
        tell_side(*held->state, to_side);
        // What is owed comes first.
        return (held->state->owed[to_side] & owed::granted) == 0 &&
               put_payload(to, writer.payload());
    };
    if (deliver()) {
        consider_token_lane(*held->state, request.message.size());
        return Status::Ok;
    }
    // First the wish, then another look: no room goes unnoticed.
    __atomic_store_n(&shared(to).kick_after_read, 1, __ATOMIC_SEQ_CST);
    if (deliver()) return Status::Ok;
    held->state->owed[held->side] |= owed::room;
    return Status::Full;
}

void Engine::open_stream(ChannelId id, const message::Request& request) {
    const auto held = find_token(id, request.token);
    if (!held) return answer(id, request, Status::NotFound);
    TokenState& state = *held->state;
    if (state.has_tickets) return answer(id, request, Status::Limit);
    state.has_tickets = true;
    state.tickets = {host_.random_token(), host_.random_token()};
    state.attached = {};
    auto writer =
        PayloadWriter::answer(static_cast<std::uint16_t>(request.opcode), request.id, Status::Ok);
    writer.token(state.tickets[held->side]);
    (void)put_payload(id, writer.payload());  // serve() has seen to the room
    // Behind the messages that were sent before, if their lane has room.
    const Side peer = other(held->side);
    if (!put_in_lane(state, held->side, message::RecordKind::Ticket,
                     bytes_of(state.tickets[peer]))) {
        state.owed[peer] |= owed::stream;
    }
    tell(state);
}

/// The session becomes one end of a stream; with the second end, bytes go.
void Engine::attach(ChannelId id, const message::Request& request) {
    for (MemberState& member : members_) {
        for (TokenState& state : member.tokens_in_use()) {
            if (!state.is_used || state.is_void || !state.has_tickets) continue;
            for (const Side side : {requester, publisher}) {
                if (state.sides[side].member != id.member || state.tickets[side] != request.token ||
                    !state.attached[side].is_null() || state.sides[requester] == id ||
                    state.sides[publisher] == id) {
                    continue;
                }
                clear_session(id);
                answer(id, request, Status::Ok);
                at(id).kind = ChannelKind::Stream;
                at(id).is_attached = true;
                state.attached[side] = id;
                const auto ends = state.attached;
                if (ends[requester].is_null() || ends[publisher].is_null()) return;
                state.has_tickets = false;
                state.attached = {};
                for (const ChannelId end : ends) at(end).is_attached = false;
                return join(ends[requester], ends[publisher]);
            }
        }
    }
    host_.refused(id.member, "a ticket that is not its own");
    answer(id, request, Status::NotFound);
}

/// The token is void: \p by knows, the other side is told when it has room.
void Engine::revoke(TokenState& state, Side by, message::GoneReason reason) {
    const auto waiting = state.attached;
    state.attached = {};
    for (const ChannelId end : waiting) {
        if (end.is_null()) continue;
        at(end).is_attached = false;
        reset(end);
    }
    end_token_lane(state, by);
    state.is_void = true;
    state.reason = reason;
    state.sides[by] = {};
    state.owed = {};
    const Side peer = other(by);
    if (state.sides[peer].is_null()) {
        state = {};
        return;
    }
    state.owed[peer] = owed::gone;
    tell(state);
}

void Engine::drop_session_tokens(ChannelId id) {
    for (MemberState& member : members_) {
        for (TokenState& state : member.tokens_in_use()) {
            for (const Side side : {requester, publisher}) {
                if (!state.is_used || state.sides[side] != id) continue;
                if (state.is_void) {
                    leave_token_lane(state, side);
                    state = {};  // who was to be told is gone too
                } else {
                    revoke(state, side, message::GoneReason::Ended);
                }
            }
        }
    }
}

bool Engine::tell_one(TokenState& state, Side side, std::uint8_t what) {
    const ChannelId to = state.sides[side];
    const auto event = [&](Opcode opcode) {
        PayloadWriter writer{opcode, 0};
        writer.token(state.token);
        return writer;
    };
    switch (what) {
        case owed::granted: {
            auto writer = event(Opcode::Granted);
            const Publication& one =
                members_[state.sides[publisher].member].publications[state.publication];
            writer.number(state.generation).short_text(one.text());
            writer.short_text(name_of(state.sides[requester].member));
            return put_payload(to, writer.payload());
        }
        case owed::stream: {
            auto writer = event(Opcode::Stream);
            return put_payload(to, writer.token(state.tickets[side]).payload());
        }
        case owed::room: {
            // Only when the peer takes the longest message again.
            const auto space = room(state.sides[other(side)]);
            if (!space || *space < message_overhead + message::longest_message) return false;
            return put_payload(to, event(Opcode::Room).payload());
        }
        default: {
            // Behind the messages.
            if (has_token_lane(state, side)) return false;
            auto writer = event(Opcode::Gone);
            return put_payload(to,
                               writer.number(static_cast<std::uint32_t>(state.reason)).payload());
        }
    }
}

void Engine::tell_side(TokenState& state, Side side) {
    for (const std::uint8_t what : {owed::granted, owed::stream, owed::room, owed::gone}) {
        if ((state.owed[side] & what) == 0) continue;
        if (!tell_one(state, side, what)) {
            // First the wish, then another look: no room goes unnoticed.
            __atomic_store_n(&shared(state.sides[side]).kick_after_read, 1, __ATOMIC_SEQ_CST);
            if (!tell_one(state, side, what)) return;
        }
        state.owed[side] &= static_cast<std::uint8_t>(~what);
    }
}

/// Tells both sides what they are owed, as far as they have room.
void Engine::tell(TokenState& state) {
    for (const Side side : {requester, publisher}) {
        if (!state.sides[side].is_null()) tell_side(state, side);
    }
    if (state.is_void && state.owed == decltype(state.owed){}) state = {};
}

/// An app has read: what it is owed comes now, and who waits for room with it is told.
void Engine::settle(ChannelId id) {
    __atomic_store_n(&shared(id).kick_after_read, 0, __ATOMIC_SEQ_CST);
    for (MemberState& member : members_) {
        for (TokenState& state : member.tokens_in_use()) {
            if (!state.is_used || (state.sides[requester] != id && state.sides[publisher] != id)) {
                continue;
            }
            const Side own = state.sides[requester] == id ? requester : publisher;
            leave_when_taken(state, own);
            tell(state);
            // Someone still waits for room here: it is to be kicked again, and another look taken.
            if (state.is_used && (state.owed[other(own)] & owed::room) != 0) {
                __atomic_store_n(&shared(id).kick_after_read, 1, __ATOMIC_SEQ_CST);
                tell(state);
            }
        }
    }
}

/// A stream that waits for its other end is closed: its ticket is used up.
void Engine::leave_tokens(ChannelId id) {
    if (!at(id).is_attached) return;
    at(id).is_attached = false;
    for (MemberState& member : members_) {
        for (TokenState& state : member.tokens_in_use()) {
            for (ChannelId& end : state.attached) {
                if (end != id) continue;
                end = {};
                state.has_tickets = false;
            }
        }
    }
}

}  // namespace kos::msgserver
