// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "gateway/core/streams.hpp"

#include <algorithm>
#include <cstring>

namespace kos::gateway {

using message::Call;
using msg::StreamEvent;
using msg::StreamHeader;
namespace flag = message::channel_flag;

namespace {

/// Of the one message server that a gateway has.
constexpr std::uint32_t server = 0;
constexpr int most_passes = 16;

}  // namespace

std::size_t Streams::count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(streams_, [](const Stream& stream) { return stream.is_open; }));
}

void Streams::receive(Bytes payload) {
    const auto header = read_at<StreamHeader>(payload, 0);
    if (!header || header->stream >= streams_.size()) return;
    const std::uint8_t number = header->stream;
    Stream& stream = streams_[number];
    const std::uint32_t position = header->position;
    const auto event = static_cast<StreamEvent>(header->event);
    is_dirty_ = true;
    if (event == StreamEvent::Open) return open(number, position, header->port);
    // A Close that comes late, of a stream that had the number before, is answered and no more.
    if (event == StreamEvent::Close && position != stream.name) {
        return tell(number, StreamEvent::Close, position);
    }
    if (!stream.is_open) return tell(number, StreamEvent::Close, stream.name);
    switch (event) {
        case StreamEvent::Data:
            return take_data(number, position, payload.subspan(sizeof(StreamHeader)));
        case StreamEvent::Credit:
            // What was never sent is not consumed.
            if (position - stream.consumed <= stream.sent - stream.consumed) {
                stream.consumed = position;
            }
            return;
        case StreamEvent::Finish:
            return finish(number, position);
        default:
            return end(number);
    }
}

void Streams::open(std::uint8_t number, std::uint32_t name, std::uint32_t port) {
    Stream& stream = streams_[number];
    if (stream.is_open && stream.name == name) return tell(number, StreamEvent::Open, 0);
    if (stream.is_open) release(stream);
    stream = {};
    stream.name = name;
    const auto to = plan_.port(port);
    if (!to) return tell(number, StreamEvent::Close, name);
    const auto opened = servers_.call(server, Call::OpenStream, {});
    if (!opened.ok()) return tell(number, StreamEvent::Close, name);
    stream.channel = vmm::MessageChannel{servers_, server, opened.words[0]};
    if (!stream.channel.call(Call::Connect, to->ipv4, to->port).ok()) {
        (void)stream.channel.call(Call::Close);
        return tell(number, StreamEvent::Close, name);
    }
    stream.is_open = true;
    tell(number, StreamEvent::Open, 0);
}

void Streams::take_data(std::uint8_t number, std::uint32_t position, Bytes bytes) {
    Stream& stream = streams_[number];
    const std::uint32_t before = stream.received - position;
    if (before != 0 && before <= window) return;  // sent twice
    // What the service reads no more is dropped: its answer may still be on its way.
    const bool is_deaf = (stream.channel.flags() & flag::no_output) != 0;
    if (before != 0 || bytes.size() > window - (stream.received - stream.told) ||
        (!is_deaf && bytes.size() > stream.channel.room()) || stream.host_has_finished) {
        return end(number);
    }
    stream.received += static_cast<std::uint32_t>(bytes.size());
    if (is_deaf) return;
    stream.channel.put(bytes);
    stream.kick_is_due = true;
}

void Streams::finish(std::uint8_t number, std::uint32_t position) {
    Stream& stream = streams_[number];
    if (position != stream.received) return end(number);
    if (stream.host_has_finished) return;
    stream.host_has_finished = true;
    kick(stream);
    (void)stream.channel.call(Call::ShutDown);  // where the service has gone, settle() finds that
}

bool Streams::tend() {
    auto& board = *reinterpret_cast<message::Board*>(servers_.area(server));
    for (int pass = 0;; ++pass) {
        const std::uint32_t now = __atomic_load_n(&board.changes, __ATOMIC_SEQ_CST);
        if (is_armed_ && !is_dirty_ && now == seen_) return true;
        // A service that never rests does not keep the host's mail waiting.
        if (pass == most_passes) return false;
        seen_ = now;
        is_dirty_ = false;
        for (std::uint8_t number = 0; number < streams_.size(); ++number) {
            if (streams_[number].is_open) settle(number);
        }
        // Armed before the next look: no change goes unnoticed.
        constexpr std::uint64_t own_thread = 1;
        __atomic_or_fetch(&board.waiters, own_thread, __ATOMIC_SEQ_CST);
        is_armed_ = true;
    }
}

void Streams::settle(std::uint8_t number) {
    Stream& stream = streams_[number];
    kick(stream);
    // Before looking at the bytes: an end comes behind them.
    const std::uint32_t flags = stream.channel.flags();
    const bool is_deaf = (flags & flag::no_output) != 0;
    tell_taken(number, is_deaf);
    pass_on(number);
    if (stream.channel.pending() != 0) return;
    if ((flags & flag::reset) != 0) return end(number);
    if ((flags & flag::end_of_input) == 0) return;
    if (!stream.service_has_finished) {
        stream.service_has_finished = true;
        tell(number, StreamEvent::Finish, stream.sent);
    }
    if (stream.host_has_finished || is_deaf) end(number);
}

/// The host may send on as the service takes, or where that takes nothing any more.
void Streams::tell_taken(std::uint8_t number, bool is_deaf) {
    Stream& stream = streams_[number];
    const std::uint32_t taken = is_deaf ? stream.received : stream.channel.taken_by_server();
    const bool is_due = taken - stream.told >= window / 2;
    if (!is_due && (taken != stream.received || stream.told == taken)) return;
    stream.told = taken;
    tell(number, StreamEvent::Credit, taken);
}

void Streams::pass_on(std::uint8_t number) {
    Stream& stream = streams_[number];
    std::array<std::byte, longest_payload - sizeof(StreamHeader)> bytes;
    for (;;) {
        const std::uint32_t room = msg::guest_window - (stream.sent - stream.consumed);
        const std::size_t count = stream.channel.take(
            MutableBytes{bytes}.first(std::min<std::size_t>(bytes.size(), room)));
        if (count == 0) return;
        is_dirty_ = true;  // what the server had no room for before may have come
        tell(number, StreamEvent::Data, stream.sent, Bytes{bytes}.first(count));
        stream.sent += static_cast<std::uint32_t>(count);
    }
}

void Streams::kick(Stream& stream) {
    if (!stream.kick_is_due) return;
    stream.kick_is_due = false;
    stream.channel.kick();
}

void Streams::release(Stream& stream) {
    kick(stream);
    (void)stream.channel.call(Call::Close);
    stream.is_open = false;
}

void Streams::end(std::uint8_t number) {
    Stream& stream = streams_[number];
    if (stream.is_open) release(stream);
    tell(number, StreamEvent::Close, stream.name);
}

void Streams::tell(std::uint8_t number, StreamEvent event, std::uint32_t position, Bytes bytes) {
    std::array<std::byte, longest_payload> payload;
    StreamHeader header;
    header.stream = number;
    header.event = static_cast<std::uint8_t>(event);
    header.position = position;
    std::memcpy(payload.data(), &header, sizeof(header));
    std::copy(bytes.begin(), bytes.end(), payload.begin() + sizeof(header));
    line_.send(Bytes{payload}.first(sizeof(header) + bytes.size()));
}

}  // namespace kos::gateway
