// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/stream_table.hpp"

#include <algorithm>
#include <cstring>

namespace kos::msg {

std::size_t StreamTable::count() const {
    return static_cast<std::size_t>(std::ranges::count_if(streams_, &Stream::is_there));
}

std::uint32_t StreamTable::room(Number number) const {
    return guest_window - (streams_[number].sent - streams_[number].consumed);
}

void StreamTable::receive(Bytes payload) {
    const auto header = read_at<StreamHeader>(payload, 0);
    if (!header || header->stream >= most_) return;
    const Number number = header->stream;
    const Stream& stream = streams_[number];
    const std::uint32_t position = header->position;
    const auto event = static_cast<StreamEvent>(header->event);
    if (event == StreamEvent::Open) return open(number, position, header->port);
    // A Close that comes late, of a stream that had the number before, is answered and no more.
    if (event == StreamEvent::Close && position != stream.name) {
        return tell(number, StreamEvent::Close, position);
    }
    if (!stream.is_there) return tell(number, StreamEvent::Close, stream.name);
    switch (event) {
        case StreamEvent::Data:
            return take_data(number, position, payload.subspan(sizeof(StreamHeader)));
        case StreamEvent::Credit:
            return take_credit(number, position);
        case StreamEvent::Finish:
            return take_finish(number, position);
        default:
            return end(number);
    }
}

void StreamTable::open(Number number, std::uint32_t name, std::uint16_t port) {
    Stream& stream = streams_[number];
    if (stream.is_there && stream.name == name) {
        if (stream.is_open) tell_open(number);
        return;
    }
    if (stream.is_there) replace(number);
    stream = {};
    stream.name = name;
    stream.is_there = true;
    if (!opened(number, port)) over(number);
}

void StreamTable::take_data(Number number, std::uint32_t position, Bytes bytes) {
    Stream& stream = streams_[number];
    const std::uint32_t before = stream.received - position;
    if (before != 0 && before <= host_window) return;  // sent twice
    if (before != 0 || bytes.size() > host_window - (stream.received - stream.told) ||
        stream.host_has_finished) {
        return end(number);
    }
    stream.received += static_cast<std::uint32_t>(bytes.size());
    if (!data(number, bytes)) end(number);
}

void StreamTable::take_credit(Number number, std::uint32_t position) {
    Stream& stream = streams_[number];
    const std::uint32_t bytes = position - stream.consumed;
    if (bytes == 0 || bytes > stream.sent - stream.consumed) return;  // what was never sent
    stream.consumed = position;
    credit(number, bytes);
}

void StreamTable::take_finish(Number number, std::uint32_t position) {
    Stream& stream = streams_[number];
    if (position != stream.received) return end(number);
    if (stream.host_has_finished) return;
    stream.host_has_finished = true;
    finish(number);
}

void StreamTable::tell_open(Number number) {
    streams_[number].is_open = true;
    tell(number, StreamEvent::Open, 0);
}

void StreamTable::tell_data(Number number, Bytes bytes) {
    while (!bytes.empty()) {
        const Bytes piece = bytes.first(std::min(bytes.size(), max_data_to_host));
        tell(number, StreamEvent::Data, streams_[number].sent, piece);
        streams_[number].sent += static_cast<std::uint32_t>(piece.size());
        bytes = bytes.subspan(piece.size());
    }
}

void StreamTable::tell_taken(Number number, std::uint32_t taken) {
    Stream& stream = streams_[number];
    const bool is_due = taken - stream.told >= host_window / 2;
    if (!is_due && (taken != stream.received || stream.told == taken)) return;
    stream.told = taken;
    tell(number, StreamEvent::Credit, taken);
}

void StreamTable::tell_finish(Number number) {
    tell(number, StreamEvent::Finish, streams_[number].sent);
}

void StreamTable::over(Number number) {
    streams_[number].is_there = false;
    tell(number, StreamEvent::Close, streams_[number].name);
}

void StreamTable::end(Number number) {
    release(number);
    over(number);
}

void StreamTable::tell(Number number, StreamEvent event, std::uint32_t position, Bytes bytes) {
    std::array<std::byte, max_from_guest> payload;
    StreamHeader header;
    header.stream = number;
    header.event = static_cast<std::uint8_t>(event);
    header.position = position;
    std::memcpy(payload.data(), &header, sizeof header);
    std::copy(bytes.begin(), bytes.end(), payload.begin() + sizeof header);
    line_.send(Bytes{payload}.first(sizeof header + bytes.size()));
}

}  // namespace kos::msg
