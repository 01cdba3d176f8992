// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/net/session.hpp"

#include "libos/core/process.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos {

namespace {

using message::FrameLength;
using message::Lane;
using message::Opcode;
using message::OwnAnswers;
using message::RecordKind;
using message::Status;
using message::TokenPlace;

constexpr std::uint32_t ring_number = message::channels_of_an_app;  ///< its turn

std::uint32_t load(const std::uint32_t& field) { return __atomic_load_n(&field, __ATOMIC_SEQ_CST); }

/// Head and token of an event, as a program on aarch64 finds them.
struct EventHead {
    std::uint16_t opcode;
    std::uint16_t status;
    std::uint32_t id;
    std::uint64_t token[2];
};
static_assert(sizeof(EventHead) == sizeof(message::Head) + sizeof(message::Token));

template <class T>
std::size_t copy_front(const T& object, MutableBytes bytes) {
    if (bytes.size() >= sizeof object) {
        std::memcpy(bytes.data(), &object, sizeof object);  // of a size that the compiler knows
        return sizeof object;
    }
    std::memcpy(bytes.data(), &object, bytes.size());
    return bytes.size();
}

EventHead event_of(const TokenPlace& place, Opcode opcode) {
    return {static_cast<std::uint16_t>(opcode), 0, 0, {place.token[0], place.token[1]}};
}

}  // namespace

/// Whether the place has a lane of a token of this connection. Another's may come and go meanwhile.
bool Session::is_own(const TokenPlace& place) const {
    return load(place.channel) == link_.channel() + 1;
}

/// Its lane: a place that a Kick has freed may be another's already.
inline std::optional<Lane> Session::lane(Word number) const {
    if (!is_own(board_.places[number])) return std::nullopt;
    return MessageServers::token_lane(link_.server(), number);
}

/// The places of lanes of this connection's tokens, as bits.
inline std::uint32_t Session::places() const {
    std::uint32_t all = load(board_.token_lanes) & ((1u << message::channels_of_an_app) - 1);
    for (std::uint32_t rest = all; rest != 0; rest &= rest - 1) {
        if (!is_own(board_.places[__builtin_ctz(rest)])) all &= ~(rest & -rest);
    }
    return all;
}

std::optional<Word> Session::place_of(const std::uint64_t (&token)[2]) const {
    for (std::uint32_t rest = places(); rest != 0; rest &= rest - 1) {
        const auto number = static_cast<Word>(__builtin_ctz(rest));
        const TokenPlace& one = board_.places[number];
        if (one.token[0] == token[0] && one.token[1] == token[1]) return number;
    }
    return std::nullopt;
}

/// Whether an answer of its own is what comes next.
bool Session::answers_next() const {
    if (own_.count == 0) return false;
    const std::uint32_t behind =
        load(channel_.to_head) - own_.answers[own_.first % OwnAnswers::most].after;
    return static_cast<std::int32_t>(behind) >= 0;
}

Session::Packet Session::take_answer(MutableBytes bytes, bool keeps) const {
    const OwnAnswers::One& one = own_.answers[own_.first % OwnAnswers::most];
    constexpr std::uint16_t opcode = static_cast<std::uint16_t>(Opcode::Send) | message::answer_bit;
    const message::Head head{opcode, static_cast<std::uint16_t>(one.status), one.id};
    if (!keeps) {
        ++own_.first;
        --own_.count;
    }
    return {copy_front(head, bytes), false};
}

std::optional<Outcome<Session::Packet>> Session::take_from_ring(MutableBytes bytes,
                                                                bool keeps) const {
    constexpr std::uint16_t attach_answer =
        static_cast<std::uint16_t>(Opcode::Attach) | message::answer_bit;
    FrameLength length;
    if (link_.pending() < sizeof length) return std::nullopt;
    link_.peek(0, std::as_writable_bytes(std::span{&length, 1}));
    const std::uint32_t size = length;
    if (!message::is_payload_size(size)) return Outcome<Packet>{Err{Errno::Econnreset}};
    if (link_.pending() < sizeof length + size) return std::nullopt;
    const std::size_t taken = std::min<std::size_t>(bytes.size(), size);
    link_.peek(sizeof length, bytes.first(taken));
    if (keeps) return Packet{taken, false};
    message::Head head;
    link_.peek(sizeof length, std::as_writable_bytes(std::span{&head, 1}));
    link_.drop(static_cast<std::uint32_t>(sizeof length + size));
    return Packet{taken, size == sizeof head && head.opcode == attach_answer && head.status == 0};
}

/// Whether the lane's turn has come: what was said by the server before it was given is taken.
bool Session::has_begun(TokenPlace& one) const {
    if (one.has_begun == 0) {
        const std::uint32_t behind = load(channel_.to_head) - one.after;
        if (static_cast<std::int32_t>(behind) < 0) return false;
        one.has_begun = 1;
    }
    return true;
}

/// Whether the app is to hear that the peer takes messages again.
bool Session::owes_room(const TokenPlace& place, const Lane& lane) {
    if (load(place.owes_room) == 0 || load(place.has_ended) != 0) return false;
    if (lane.room() >= message::longest_record) return true;
    // First the wish, then another look: no room goes unnoticed.
    lane.want_room();
    return lane.room() >= message::longest_record;
}

std::optional<Session::Packet> Session::take_from_lane(Word number, MutableBytes bytes,
                                                       bool keeps) const {
    TokenPlace& place = board_.places[number];
    const auto from = lane(number);
    if (!from || !has_begun(place)) return std::nullopt;
    if (owes_room(place, *from)) {
        if (!keeps) place.owes_room = 0;
        return Packet{copy_front(event_of(place, Opcode::Room), bytes), false};
    }
    const auto record = from->next_record();
    if (!record) return std::nullopt;
    const bool is_message = record->kind == RecordKind::Message;
    const std::size_t head =
        copy_front(event_of(place, is_message ? Opcode::Message : Opcode::Stream), bytes);
    from->copy_record(*record, bytes.subspan(head));
    if (!keeps) {
        from->drop_record(*record);
        if (from->is_room_wanted()) link_.tell(*from, number);
    }
    return Packet{std::min(bytes.size(), sizeof(EventHead) + record->size), false};
}

/// Whether the lane is of a void token and holds nothing any more. The server, kicked, takes it
/// back, and then says what has become of the token.
bool Session::is_taken(Word number) const {
    TokenPlace& place = board_.places[number];
    if (load(place.has_ended) == 0) return false;
    const auto from = lane(number);
    return from && has_begun(place) && !from->next_record();
}

bool Session::has_bytes_in_ring() const { return load(channel_.to_tail) != load(channel_.to_head); }

/// Whose turn may come: lanes and the ring, as bits. Most looks find nothing.
std::uint32_t Session::sources() const {
    std::uint32_t found = has_bytes_in_ring() ? 1u << ring_number : 0;
    for (std::uint32_t rest = places(); rest != 0; rest &= rest - 1) {
        const auto number = static_cast<Word>(__builtin_ctz(rest));
        const TokenPlace& place = board_.places[number];
        const auto from = MessageServers::token_lane(link_.server(), number);
        if (from &&
            (load(place.has_ended) != 0 || load(place.owes_room) != 0 || from->pending() > 0)) {
            found |= rest & -rest;
        }
    }
    return found;
}

std::optional<Outcome<Session::Packet>> Session::receive(MutableBytes bytes, bool keeps) const {
    if (answers_next()) return take_answer(bytes, keeps);
    const std::uint32_t turn = own_.turn % (ring_number + 1);
    bool is_one_taken = false;
    for (std::uint32_t rest = sources(); rest != 0;) {
        const std::uint32_t later = rest >> turn << turn;
        const auto number = static_cast<std::uint32_t>(__builtin_ctz(later != 0 ? later : rest));
        rest &= ~(1u << number);
        std::optional<Outcome<Packet>> packet;
        if (number == ring_number) {
            packet = take_from_ring(bytes, keeps);
        } else if (const auto taken = take_from_lane(number, bytes, keeps)) {
            packet = *taken;
        } else if (is_taken(number)) {
            // However busy others are: what there is to say of its token is in the ring then.
            link_.kick();
            is_one_taken = true;
        }
        if (!packet) continue;
        if (!keeps) own_.turn = number + 1;
        return packet;
    }
    // The ring's turn may have been before that.
    return is_one_taken ? take_from_ring(bytes, keeps) : std::nullopt;
}

bool Session::has_packet() const {
    if (own_.count != 0 || has_bytes_in_ring()) return true;
    bool is_one_taken = false;
    for (std::uint32_t rest = places(); rest != 0; rest &= rest - 1) {
        const auto number = static_cast<Word>(__builtin_ctz(rest));
        const auto from = lane(number);
        if (from && (from->next_record() || owes_room(board_.places[number], *from))) return true;
        is_one_taken = is_one_taken || is_taken(number);
    }
    if (is_one_taken) link_.kick();
    return is_one_taken && has_bytes_in_ring();
}

bool Session::has_room() const {
    return link_.room() >= sizeof(FrameLength) + message::longest_payload;
}

/// Those of lanes that went, the server has added to the channel's.
std::uint32_t Session::changes() const {
    std::uint32_t sum = link_.changes() + own_.changes;
    for (std::uint32_t rest = places(); rest != 0; rest &= rest - 1) {
        const auto number = static_cast<Word>(__builtin_ctz(rest));
        if (const auto from = lane(number)) sum += from->changes();
    }
    return sum;
}

void Session::send_by_lane(Word number, const Lane& lane, std::uint32_t id, Bytes message) const {
    bool is_put = lane.put_record(RecordKind::Message, message);
    if (!is_put) {
        // First the wish, then another look: no room goes unnoticed.
        lane.want_room();
        is_put = lane.put_record(RecordKind::Message, message);
    }
    own_.answers[(own_.first + own_.count) % OwnAnswers::most] = {
        id, static_cast<std::uint32_t>(is_put ? Status::Ok : Status::Full), load(channel_.to_tail)};
    ++own_.count;
    __atomic_store_n(&own_.changes, own_.changes + 1, __ATOMIC_SEQ_CST);
    if (is_put) {
        link_.tell(lane, number);
    } else {
        board_.places[number].owes_room = 1;
    }
    // A thread that waits for the answer.
    process().activity.announce();
}

bool Session::send(Bytes payload) const {
    EventHead head;
    // Its answer comes behind those of what the server still has.
    if (payload.size() >= sizeof head && load(board_.token_lanes) != 0 &&
        own_.count < OwnAnswers::most && load(channel_.from_head) == load(channel_.from_tail)) {
        std::memcpy(&head, payload.data(), sizeof head);
        if (head.opcode == static_cast<std::uint16_t>(Opcode::Send) && head.status == 0) {
            const auto number = place_of(head.token);
            const auto to = number ? lane(*number) : std::nullopt;
            if (to && load(board_.places[*number].has_ended) == 0) {
                send_by_lane(*number, *to, head.id, payload.subspan(sizeof head));
                return true;
            }
        }
    }
    const FrameLength length{static_cast<std::uint32_t>(payload.size())};
    if (link_.room() < sizeof length + payload.size()) return false;
    link_.put(0, bytes_of(length));
    link_.put(sizeof length, payload);
    link_.give(static_cast<std::uint32_t>(sizeof length + payload.size()));
    return true;
}

}  // namespace kos::libos
