// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/messages/bridge.hpp"

#include <algorithm>
#include <cstring>

namespace kos::vmm {

namespace {

using message::Call;
namespace flag = message::channel_flag;

/// What decides on a connection: the length of its first frame and that frame's opcode.
constexpr std::size_t deciding_bytes = sizeof(message::FrameLength) + sizeof(Le16);
constexpr int most_passes = 16;
constexpr std::size_t longest_request = sizeof(message::Head) + sizeof(message::Token);

}  // namespace

MessageBridge::Stream* MessageBridge::find(StreamNumber number) {
    for (Stream& stream : streams_) {
        if (stream.state != State::Free && stream.number == number) return &stream;
    }
    return nullptr;
}

std::size_t MessageBridge::streams() const {
    return static_cast<std::size_t>(
        std::count_if(streams_.begin(), streams_.end(),
                      [](const Stream& stream) { return stream.state != State::Free; }));
}

/// Sockets have ports in the order of servers, and of the app's sockets at each.
std::optional<MessageBridge::Socket> MessageBridge::socket_at(std::uint32_t port) {
    std::uint32_t socket = 0;
    for (std::uint32_t server = 0; server < servers_.count(); ++server) {
        for (std::uint32_t number = 0; servers_.call(server, Call::SocketName, {number}).ok();
             ++number) {
            if (message::vsock_port(socket++) == port) return Socket{server, number};
        }
    }
    return std::nullopt;
}

void MessageBridge::requested(StreamNumber number, std::uint32_t port) {
    const bool is_served =
        servers_.count() > 0 && (port == message::vsock_port(0) || socket_at(port).has_value());
    const auto place = std::find_if(streams_.begin(), streams_.end(), [](const Stream& stream) {
        return stream.state == State::Free;
    });
    if (!is_served || place == streams_.end()) return guest_.abort(number);
    *place = {};
    place->state = State::New;
    place->number = number;
    place->port = port;
    guest_.accept(number, window);
}

void MessageBridge::received(StreamNumber number, Bytes bytes) {
    Stream* const stream = find(number);
    if (stream == nullptr || bytes.empty()) return;
    is_dirty_ = true;
    if (stream->guest_has_finished) return abort(*stream);
    if (stream->state == State::New) {
        const auto rest = take_requests(*stream, bytes);
        if (!rest || rest->empty()) return;
        bytes = *rest;
    }
    switch (stream->state) {
        case State::Session:
        case State::Stream:
            return put(*stream, bytes);
        case State::Ending:
            return guest_.consumed(number, static_cast<std::uint32_t>(bytes.size()));
        case State::Listener:  // it has nothing to say
        case State::New:
        case State::Free:
            return abort(*stream);
    }
}

std::optional<Bytes> MessageBridge::take_requests(Stream& stream, Bytes bytes) {
    const auto collect = [&](std::size_t size) {
        const std::size_t part = std::min(bytes.size(), size - stream.request_size);
        std::memcpy(stream.request.data() + stream.request_size, bytes.data(), part);
        stream.request_size += part;
        bytes = bytes.subspan(part);
        return stream.request_size == size;
    };
    while (stream.state == State::New) {
        if (stream.request_size < deciding_bytes && !collect(deciding_bytes)) return bytes;
        const Bytes head{stream.request};
        const std::uint32_t length = *read_at<message::FrameLength>(head, 0);
        const std::uint16_t opcode = *read_at<Le16>(head, sizeof(message::FrameLength));
        if (!message::is_payload_size(length)) {
            abort(stream);
            return std::nullopt;
        }
        if (!message::is_socket_request(static_cast<message::Opcode>(opcode))) {
            if (!open_session(stream)) {
                abort(stream);
                return std::nullopt;
            }
            put(stream, Bytes{stream.request}.first(stream.request_size));
            break;
        }
        // The guest waits for an answer before it asks again.
        if (length > longest_request || stream.out_size != 0) {
            abort(stream);
            return std::nullopt;
        }
        const std::size_t size = sizeof(message::FrameLength) + length;
        if (stream.request_size < size && !collect(size)) return bytes;
        const StreamNumber number = stream.number;
        serve(stream, Bytes{stream.request}.first(size).subspan(sizeof(message::FrameLength)));
        // The answer may have been taken at once, and the stream with it.
        if (find(number) != &stream) return std::nullopt;
        stream.request_size = 0;
        guest_.consumed(number, static_cast<std::uint32_t>(size));
    }
    return bytes;
}

bool MessageBridge::open_session(Stream& stream) {
    const auto socket = socket_at(stream.port);
    if (!socket) return false;
    const auto opened = servers_.call(socket->server, Call::OpenSession, {socket->number});
    if (!opened.ok()) return false;
    stream.channel = MessageChannel{servers_, socket->server, opened.words[0]};
    stream.state = State::Session;
    stream.taken = 0;
    return true;
}

void MessageBridge::put(Stream& stream, Bytes bytes) {
    // The window is the ring's size, and what the server has not taken is not consumed.
    if (bytes.size() > stream.channel.room()) return abort(stream);
    stream.channel.put(bytes);
    stream.kick_is_due = true;
    is_dirty_ = true;
}

void MessageBridge::kick(Stream& stream) {
    if (!stream.kick_is_due) return;
    stream.kick_is_due = false;
    stream.channel.kick();
}

std::size_t MessageBridge::send(StreamNumber number, MutableBytes target) {
    Stream* const stream = find(number);
    if (stream == nullptr) return 0;
    std::size_t count = 0;
    for (;;) {
        if (stream->state == State::Listener && stream->out_size == 0) tell_incoming(*stream);
        const std::size_t part = std::min(target.size() - count, stream->out_size);
        if (part == 0) break;
        std::memcpy(target.data() + count, stream->out.data() + stream->out_begin, part);
        stream->out_begin += part;
        stream->out_size -= part;
        count += part;
    }
    if (stream->state != State::Session && stream->state != State::Stream) return count;
    if (stream->out_size == 0) count += stream->channel.take(target.subspan(count));
    // Its end may be due, and what the server had no room for before may have come.
    is_dirty_ = is_dirty_ || count != 0;
    return count;
}

void MessageBridge::finished(StreamNumber number, bool sending, bool receiving) {
    Stream* const stream = find(number);
    if (stream == nullptr || stream->state == State::Ending) return;
    is_dirty_ = true;
    stream->guest_has_finished = stream->guest_has_finished || sending;
    stream->guest_is_deaf = stream->guest_is_deaf || receiving;
    const bool has_halves = stream->state == State::Stream || stream->state == State::Session;
    if (!has_halves || (stream->guest_has_finished && stream->guest_is_deaf)) return close(*stream);
    if (!sending) return;
    kick(*stream);
    // A session has no halves, but for one that has become a stream by Attach.
    if (stream->channel.call(Call::ShutDown).ok()) stream->state = State::Stream;
    if (stream->has_finished) close(*stream);
}

void MessageBridge::closed(StreamNumber number) {
    Stream* const stream = find(number);
    if (stream == nullptr) return;
    release(*stream);
    stream->state = State::Free;
    is_dirty_ = true;
}

void MessageBridge::release(Stream& stream) {
    if (stream.state == State::Session || stream.state == State::Stream) {
        kick(stream);
        (void)stream.channel.call(Call::Close);
    }
    if (stream.state == State::Listener) close_listeners(stream);
}

void MessageBridge::abort(Stream& stream) {
    release(stream);
    stream.state = State::Free;
    guest_.abort(stream.number);
}

void MessageBridge::close(Stream& stream) {
    release(stream);
    stream.state = State::Ending;
    stream.out_size = 0;
    guest_.close(stream.number);
}

std::uint32_t MessageBridge::changes() const {
    std::uint32_t sum = 0;
    for (std::uint32_t server = 0; server < servers_.count(); ++server) {
        const auto* const board = reinterpret_cast<message::Board*>(servers_.area(server));
        sum += __atomic_load_n(&board->changes, __ATOMIC_SEQ_CST);
    }
    return sum;
}

bool MessageBridge::tend() {
    if (servers_.count() == 0) return true;
    for (int pass = 0;; ++pass) {
        const std::uint32_t now = changes();
        if (is_armed_ && !is_dirty_ && now == seen_) return true;
        // A peer that never rests does not keep the VMM from its guest.
        if (pass == most_passes) return false;
        seen_ = now;
        is_dirty_ = false;
        for (Stream& stream : streams_) {
            if (stream.state != State::Free) settle(stream);
        }
        // Armed before the next look: no change goes unnoticed.
        for (std::uint32_t server = 0; server < servers_.count(); ++server) {
            auto* const board = reinterpret_cast<message::Board*>(servers_.area(server));
            constexpr std::uint64_t own_thread = 1;
            __atomic_or_fetch(&board->waiters, own_thread, __ATOMIC_SEQ_CST);
        }
        is_armed_ = true;
    }
}

void MessageBridge::settle(Stream& stream) {
    switch (stream.state) {
        case State::Listener:
            return take_incoming(stream);
        case State::Session:
        case State::Stream:
            return settle_channel(stream);
        case State::Free:
        case State::New:
        case State::Ending:
            return;
    }
}

void MessageBridge::settle_channel(Stream& stream) {
    kick(stream);
    const StreamNumber number = stream.number;
    const std::uint32_t taken = stream.channel.taken_by_server() - stream.taken;
    if (taken != 0) {
        stream.taken += taken;
        guest_.consumed(number, taken);
    }
    // Before looking at the bytes: an end comes behind them.
    const std::uint32_t flags = stream.channel.flags();
    if (stream.guest_is_deaf) {
        std::array<std::byte, 256> unread;
        while (stream.channel.take(unread) != 0) continue;
    }
    const bool has_bytes = stream.out_size != 0 || stream.channel.pending() != 0;
    if (has_bytes) guest_.wake(number);
    if (find(number) != &stream) return;
    if ((flags & flag::reset) != 0) {
        // What came before is still read.
        if (stream.out_size == 0 && stream.channel.pending() == 0) abort(stream);
        return;
    }
    const bool is_drained = stream.channel.pending() == 0 && stream.out_size == 0;
    // A session has no halves: it ends with the answers to what was asked.
    const bool is_over = stream.state == State::Session && stream.guest_has_finished &&
                         stream.channel.room() == message::ring_size;
    const bool is_ended = (flags & flag::end_of_input) != 0;
    const bool wants_no_more = (flags & flag::no_output) != 0 || stream.guest_has_finished;
    if (is_drained && (is_over || (is_ended && wants_no_more))) return close(stream);
    if (is_ended && is_drained && !stream.has_finished) {
        stream.has_finished = true;
        guest_.finish(number);
    }
}

}  // namespace kos::vmm
