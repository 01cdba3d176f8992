// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The protocol of docs/msg.md on one connection: frames in, answers out, one after another.
#include "msgserver/core/engine.hpp"

#include <algorithm>

namespace kos::msgserver {

namespace {

using message::FrameLength;
using message::Opcode;
using message::PayloadWriter;
using message::Status;
namespace flag = message::channel_flag;

/// Room that there must be before a request is served: its answer, whatever it is, fits.
constexpr std::uint32_t answer_room = 1024;

}  // namespace

bool Engine::put_payload(ChannelId id, Bytes payload) {
    const FrameLength length{static_cast<std::uint32_t>(payload.size())};
    const auto size = static_cast<std::uint32_t>(sizeof length + payload.size());
    const auto space = room(id);
    if (!space || *space < size) return false;
    put(id, 0, bytes_of(length));
    put(id, sizeof length, payload);
    give(id, size);
    return true;
}

/// Serves what the app has sent, as long as its answers have room.
void Engine::serve(ChannelId id) {
    settle(id);
    while (at(id).kind == ChannelKind::Session) {
        const auto bytes = pending(id);
        auto space = room(id);
        if (!bytes || !space) return end_session(id);
        if (*bytes < sizeof(FrameLength)) return;
        if (*space < answer_room) {
            // First the wish, then another look: no room goes unnoticed.
            __atomic_store_n(&shared(id).kick_after_read, 1, __ATOMIC_SEQ_CST);
            space = room(id);
            if (!space || *space < answer_room) return;
        }
        if (!serve_frame(id, *bytes)) return;
    }
}

/// Whether there was a whole frame.
bool Engine::serve_frame(ChannelId id, std::uint32_t available) {
    FrameLength length;
    peek(id, 0, std::as_writable_bytes(std::span{&length, 1}));
    if (!message::is_payload_size(length)) {
        end_session(id);
        return false;
    }
    if (available < sizeof length + length) return false;
    const MutableBytes payload = MutableBytes{bounce_}.first(length);
    peek(id, sizeof length, payload);
    drop(id, static_cast<std::uint32_t>(sizeof length + length));
    serve_request(id, payload);
    return true;
}

void Engine::serve_request(ChannelId id, Bytes payload) {
    const auto decoded = message::decode_request(payload);
    if (!decoded) {
        const message::Refusal refusal = decoded.error();
        if (!refusal.head) return end_session(id);
        const auto writer =
            PayloadWriter::answer(refusal.head->opcode, refusal.head->id, refusal.status);
        (void)put_payload(id, writer.payload());  // serve() has seen to the room
        return;
    }
    const message::Request& request = *decoded;
    switch (request.opcode) {
        case Opcode::Hello: {
            if (request.number == 0) return answer(id, request, Status::Version);
            auto writer = PayloadWriter::answer(static_cast<std::uint16_t>(request.opcode),
                                                request.id, Status::Ok);
            writer.number(message::protocol_version).number(message::longest_message);
            (void)put_payload(id, writer.payload());
            return;
        }
        case Opcode::Publish:
            return answer(id, request, publish(id, request.protocol));
        case Opcode::Unpublish:
            return answer(id, request, unpublish(id, request.protocol));
        case Opcode::Query:
            return query(id, request);
        case Opcode::Request:
            return this->request(id, request);
        case Opcode::Revoke: {
            const auto held = find_token(id, request.token);
            if (held) revoke(*held->state, held->side, message::GoneReason::Revoked);
            return answer(id, request, held ? Status::Ok : Status::NotFound);
        }
        case Opcode::Send:
            return answer(id, request, send(id, request));
        case Opcode::OpenStream:
            return open_stream(id, request);
        case Opcode::Attach:
            return attach(id, request);
        default:
            return answer(id, request, Status::UnknownOpcode);
    }
}

void Engine::answer(ChannelId id, const message::Request& request, Status status) {
    const auto writer =
        PayloadWriter::answer(static_cast<std::uint16_t>(request.opcode), request.id, status);
    (void)put_payload(id, writer.payload());  // serve() has seen to the room
}

bool Engine::may_publish(std::uint32_t member, std::string_view protocol) const {
    const message::PlanRange range = plan_.member(member).publishes;
    for (std::uint32_t i = 0; i < range.count; ++i) {
        if (plan_.text(range.first + i) == protocol) return true;
    }
    return false;
}

std::string_view Engine::name_of(std::uint32_t member) const {
    return plan_.text(plan_.member(member).name).substr(0, 255);
}

bool Engine::shares_network(ChannelId a, ChannelId b) {
    return (at(a).networks & at(b).networks) != 0;
}

Status Engine::publish(ChannelId id, std::string_view protocol) {
    if (!may_publish(id.member, protocol)) {
        host_.refused(id.member, "to publish a protocol that its label does not list");
        return Status::Denied;
    }
    Publication* unused = nullptr;
    for (Publication& one : members_[id.member].publications) {
        if (one.owner == id && one.text() == protocol) return Status::Exists;
        if (one.owner.is_null() && unused == nullptr) unused = &one;
    }
    if (unused == nullptr) return Status::Limit;
    unused->owner = id;
    unused->order = ++order_;
    unused->name_size = static_cast<std::uint8_t>(protocol.size());
    std::copy(protocol.begin(), protocol.end(), unused->name.begin());
    host_.provides(id.member, 0, unused->text());
    return Status::Ok;
}

Status Engine::unpublish(ChannelId id, std::string_view protocol) {
    MemberState& member = members_[id.member];
    for (std::size_t p = 0; p < member.publications.size(); ++p) {
        Publication& one = member.publications[p];
        if (one.owner != id || one.text() != protocol) continue;
        for (MemberState& holder : members_) {
            for (TokenState& token : holder.tokens_in_use()) {
                if (token.is_used && !token.is_void && token.sides[publisher] == id &&
                    token.publication == p) {
                    revoke(token, publisher, message::GoneReason::Revoked);
                }
            }
        }
        one = {};
        return Status::Ok;
    }
    return Status::NotFound;
}

void Engine::query(ChannelId id, const message::Request& request) {
    PayloadWriter entries{Opcode::Query, 0};
    std::uint32_t found = 0;
    bool is_full = false;
    for (std::uint32_t m = 0; m < members_.size(); ++m) {
        for (const Publication& one : members_[m].publications) {
            if (one.owner.is_null() || !shares_network(id, one.owner)) continue;
            const std::string_view service = name_of(m);
            const std::size_t size = 2 + one.text().size() + service.size();
            // The head of the answer and its frame fit beside it.
            is_full = is_full || entries.payload().size() + size > answer_room - 32;
            if (found++ < request.number || is_full) continue;
            entries.short_text(one.text()).short_text(service);
        }
    }
    auto writer =
        PayloadWriter::answer(static_cast<std::uint16_t>(request.opcode), request.id, Status::Ok);
    writer.number(found).bytes(entries.payload().subspan(sizeof(message::Head)));
    (void)put_payload(id, writer.payload());  // serve() has seen to the room
}

/// What the session published and was given goes.
void Engine::clear_session(ChannelId id) {
    for (Publication& one : members_[id.member].publications) {
        if (one.owner == id) one = {};
    }
    drop_session_tokens(id);
}

/// The app broke the protocol: it finds the connection closed, until it closes it too.
void Engine::end_session(ChannelId id) {
    clear_session(id);
    at(id).kind = ChannelKind::Stream;
    set_flags(id, flag::end_of_input | flag::no_output);
}

}  // namespace kos::msgserver
