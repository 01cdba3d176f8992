// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/host_streams.hpp"

#include "lib/guest/frame.hpp"

#include <algorithm>
#include <cstring>

namespace kos::vmm {

using msg::StreamEvent;
using msg::StreamHeader;

void HostStreams::receive(Bytes payload, bool guest_listens) {
    const auto header = read_at<StreamHeader>(payload, 0);
    if (!header || header->stream >= streams_.size()) return;
    const std::uint8_t number = header->stream;
    Stream& stream = streams_[number];
    const std::uint32_t position = header->position;
    const auto event = static_cast<StreamEvent>(header->event);
    if (event == StreamEvent::Open) return open(number, position, guest_listens);
    // A Close that comes late, of a stream that had the number before, is answered and no more.
    if (event == StreamEvent::Close && position != stream.name) {
        return tell(number, StreamEvent::Close, position);
    }
    if (!stream.id) return tell(number, StreamEvent::Close, stream.name);
    switch (event) {
        case StreamEvent::Data:
            return take_data(number, position, payload.subspan(sizeof(StreamHeader)));
        case StreamEvent::Credit:
            return take_credit(stream, position);
        case StreamEvent::Finish:
            if (position != stream.received) return end(number);
            stream.has_finished = true;
            return router_->device().finish(*stream.id);
        default:
            return end(number);
    }
}

void HostStreams::open(std::uint8_t number, std::uint32_t name, bool guest_listens) {
    Stream& stream = streams_[number];
    if (stream.id && stream.name == name) {
        if (stream.is_open) tell(number, StreamEvent::Open, 0);
        return;
    }
    if (stream.id) {
        router_->device().abort(*stream.id);
        router_->forget(*stream.id);
    }
    stream = {};
    stream.name = name;
    if (guest_listens) {
        stream.id = router_->connect(*this, {.guest = guest::control_port, .host = next_port_},
                                     msg::guest_window);
        next_port_ = (next_port_ + 1) | first_port;
    }
    if (!stream.id) tell(number, StreamEvent::Close, stream.name);
}

void HostStreams::take_data(std::uint8_t number, std::uint32_t position, Bytes bytes) {
    Stream& stream = streams_[number];
    const std::uint32_t before = stream.received - position;
    // Sent twice.
    if (before != 0 && before <= stream.kept.size()) return;
    const std::size_t room = stream.kept.size() - (stream.received - stream.passed);
    if (before != 0 || bytes.size() > room || stream.has_finished) return end(number);
    for (const std::byte byte : bytes) {
        stream.kept[stream.received++ % stream.kept.size()] = byte;
    }
    router_->device().wake(*stream.id);
}

void HostStreams::take_credit(Stream& stream, std::uint32_t position) {
    const std::uint32_t count = position - stream.consumed;
    if (count > stream.sent - stream.consumed) return;  // what was never sent
    stream.consumed = position;
    if (count != 0) router_->device().consumed(*stream.id, count);
}

void HostStreams::end(std::uint8_t number) {
    Stream& stream = streams_[number];
    if (stream.id) {
        const virtio::StreamId id = *stream.id;
        stream.id.reset();
        router_->forget(id);
        router_->device().close(id);
    }
    tell(number, StreamEvent::Close, stream.name);
}

void HostStreams::connect_requested(virtio::StreamId id, virtio::StreamPorts /*ports*/) {
    router_->device().refuse(id);  // nobody listens here
}

void HostStreams::connected(virtio::StreamId id) {
    const auto number = find(id);
    if (!number) return;
    streams_[*number].is_open = true;
    tell(*number, StreamEvent::Open, 0);
}

void HostStreams::received(virtio::StreamId id, virtio::ReadableBuffers bytes) {
    const auto number = find(id);
    if (!number) return;
    Stream& stream = streams_[*number];
    bytes.each(bytes.size(), [&](Bytes part) {
        while (!part.empty()) {
            const Bytes piece =
                part.first(std::min(part.size(), longest_payload - sizeof(StreamHeader)));
            tell(*number, StreamEvent::Data, stream.sent, piece);
            stream.sent += static_cast<std::uint32_t>(piece.size());
            part = part.subspan(piece.size());
        }
    });
}

std::uint64_t HostStreams::send(virtio::StreamId id, virtio::WritableBuffers target) {
    const auto number = find(id);
    if (!number) return 0;
    Stream& stream = streams_[*number];
    const std::size_t first = stream.passed % stream.kept.size();
    const std::size_t waits = stream.received - stream.passed;
    const Bytes bytes =
        Bytes{stream.kept}.subspan(first, std::min(waits, stream.kept.size() - first));
    const std::uint64_t count = target.write(bytes);
    stream.passed += static_cast<std::uint32_t>(count);
    const bool is_due = stream.passed - stream.told >= stream.kept.size() / 2;
    if (is_due || (stream.passed == stream.received && stream.told != stream.passed)) {
        stream.told = stream.passed;
        tell(*number, StreamEvent::Credit, stream.told);
    }
    return count;
}

void HostStreams::guest_finished(virtio::StreamId id, bool sending, bool receiving) {
    const auto number = find(id);
    if (!number) return;
    Stream& stream = streams_[*number];
    stream.guest_has_finished |= sending;
    stream.guest_is_deaf |= receiving;
    if (sending) tell(*number, StreamEvent::Finish, stream.sent);
    if (stream.guest_has_finished && stream.guest_is_deaf) router_->device().close(id);
}

void HostStreams::closed(virtio::StreamId id) {
    const auto number = find(id);
    if (!number) return;
    streams_[*number].id.reset();
    tell(*number, StreamEvent::Close, streams_[*number].name);
}

void HostStreams::tell(std::uint8_t number, StreamEvent event, std::uint32_t position,
                       Bytes bytes) {
    std::array<std::byte, longest_payload> payload;
    StreamHeader header;
    header.stream = number;
    header.event = static_cast<std::uint8_t>(event);
    header.position = position;
    std::memcpy(payload.data(), &header, sizeof(header));
    std::copy(bytes.begin(), bytes.end(), payload.begin() + sizeof(header));
    line_.send(Bytes{payload}.first(sizeof(header) + bytes.size()));
}

std::optional<std::uint8_t> HostStreams::find(virtio::StreamId id) const {
    for (std::uint8_t number = 0; number < streams_.size(); ++number) {
        if (streams_[number].id == id) return number;
    }
    return std::nullopt;
}

}  // namespace kos::vmm
