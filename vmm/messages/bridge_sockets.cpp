// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Stream sockets of the guest (docs/msg.md, "Stream sockets"): requests that the VMM answers with
// Calls to its message servers.

#include "vmm/messages/bridge.hpp"

#include <algorithm>
#include <cstring>

namespace kos::vmm {

namespace {

using message::Call;
using message::PayloadWriter;
using message::SocketRequest;
using message::Status;
namespace flag = message::channel_flag;

/// Connections that a listener tells of before they are taken.
constexpr std::uint32_t most_waiting = 4;

/// Of Linux, as message servers answer.
namespace error {
constexpr std::uint64_t too_many_files = 24, address_in_use = 98, address_not_available = 99,
                        network_unreachable = 101, refused = 111;
}

Status status_of(std::uint64_t number) {
    switch (number) {
        case error::too_many_files:
            return Status::Limit;
        case error::address_in_use:
            return Status::InUse;
        case error::address_not_available:
            return Status::NotAvailable;
        case error::network_unreachable:
            return Status::Unreachable;
        case error::refused:
            return Status::Refused;
        default:
            return Status::Malformed;
    }
}

}  // namespace

void MessageBridge::serve(Stream& stream, Bytes payload) {
    const auto request = message::decode_socket_request(payload);
    if (!request) {
        const message::Refusal refusal = request.error();
        // It is long enough for a head: that was looked at.
        send_out(stream,
                 PayloadWriter::answer(refusal.head->opcode, refusal.head->id, refusal.status));
        return guest_.wake(stream.number);
    }
    if (request->opcode == message::Opcode::Connect) return connect(stream, *request);
    if (request->opcode == message::Opcode::Listen) return listen(stream, *request);
    accept(stream, *request);
}

void MessageBridge::send_out(Stream& stream, const PayloadWriter& payload) {
    const message::FrameLength length{static_cast<std::uint32_t>(payload.payload().size())};
    std::memcpy(stream.out.data(), &length, sizeof length);
    std::memcpy(stream.out.data() + sizeof length, payload.payload().data(),
                payload.payload().size());
    stream.out_begin = 0;
    stream.out_size = sizeof length + payload.payload().size();
    is_dirty_ = true;
}

void MessageBridge::answer(Stream& stream, const SocketRequest& request, Status status,
                           Bytes body) {
    PayloadWriter writer =
        PayloadWriter::answer(static_cast<std::uint16_t>(request.opcode), request.id, status);
    send_out(stream, writer.bytes(body));
    guest_.wake(stream.number);
}

void MessageBridge::become(Stream& stream, const MessageChannel& channel) {
    stream.state = State::Stream;
    stream.channel = channel;
    stream.taken = 0;
}

void MessageBridge::connect(Stream& stream, const SocketRequest& request) {
    Status status = Status::Unreachable;
    for (std::uint32_t server = 0; server < servers_.count(); ++server) {
        const auto opened = servers_.call(server, Call::OpenStream, {});
        if (!opened.ok()) {
            // Another may have the address, and channels.
            status = status_of(opened.error);
            continue;
        }
        const MessageChannel channel{servers_, server, opened.words[0]};
        const bool asks_elsewhere = server + 1 < servers_.count();
        const auto connected = channel.call(Call::Connect, request.connect.address,
                                            request.connect.port, asks_elsewhere ? 1 : 0);
        if (connected.ok()) {
            become(stream, channel);
            const message::ConnectAnswer body{static_cast<std::uint32_t>(connected.words[0]),
                                              static_cast<std::uint16_t>(connected.words[1])};
            return answer(stream, request, Status::Ok, bytes_of(body));
        }
        (void)channel.call(Call::Close);
        if (status_of(connected.error) == Status::Unreachable) continue;
        status = status_of(connected.error);
        break;
    }
    answer(stream, request, status);
}

void MessageBridge::listen(Stream& stream, const SocketRequest& request) {
    // As an app's socket on all addresses: at each of its message servers, on the same port.
    Status status = Status::NotAvailable;
    std::uint64_t port = request.listen.port;
    bool is_listening = false;
    for (std::uint32_t server = 0; server < servers_.count(); ++server) {
        const auto opened = servers_.call(server, Call::OpenStream, {});
        if (!opened.ok()) {
            // What uses up a service's channels on one network keeps it off no other.
            status = status_of(opened.error);
            continue;
        }
        const MessageChannel channel{servers_, server, opened.words[0]};
        const auto listens =
            channel.call(Call::Listen, request.listen.address, port, request.listen.backlog);
        if (listens.ok()) {
            stream.listeners[server] = channel;
            port = listens.words[0];
            is_listening = true;
            continue;
        }
        (void)channel.call(Call::Close);
        // An address is one message server's.
        if (status_of(listens.error) == Status::NotAvailable) continue;
        status = status_of(listens.error);
        is_listening = false;
        break;
    }
    if (!is_listening) {
        close_listeners(stream);
        return answer(stream, request, status);
    }
    stream.state = State::Listener;
    stream.backlog = request.listen.backlog;
    answer(stream, request, Status::Ok,
           bytes_of(message::ListenAnswer{static_cast<std::uint16_t>(port)}));
}

void MessageBridge::accept(Stream& stream, const SocketRequest& request) {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
        return one.listener != nullptr && one.is_told && one.ticket == request.ticket;
    });
    if (found == waiting_.end()) return answer(stream, request, Status::NotFound);
    become(stream, found->channel);
    *found = {};
    answer(stream, request, Status::Ok);
}

std::uint32_t MessageBridge::waiting_for(const Stream& listener, std::uint32_t server) const {
    return static_cast<std::uint32_t>(
        std::count_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
            return one.listener == &listener && one.channel.server() == server;
        }));
}

void MessageBridge::take_incoming(Stream& listener) {
    const std::uint32_t most = std::clamp<std::uint32_t>(listener.backlog, 1, most_waiting);
    for (const auto& channel : listener.listeners) {
        // Each server has its share: a flood on one network is none on another.
        while (channel && waiting_for(listener, channel->server()) < most &&
               (channel->flags() & flag::acceptable) != 0) {
            const auto place =
                std::find_if(waiting_.begin(), waiting_.end(),
                             [](const Waiting& one) { return one.listener == nullptr; });
            if (place == waiting_.end()) break;
            const auto accepted = channel->call(Call::Accept);
            if (!accepted.ok()) break;  // it has gone, or there is no channel: at the next change
            place->listener = &listener;
            place->is_told = false;
            place->order = ++incoming_;
            place->ticket = tickets_.ticket();
            place->channel = MessageChannel{servers_, channel->server(), accepted.words[0]};
            place->peer_address = static_cast<std::uint32_t>(accepted.words[1]);
            place->peer_port = static_cast<std::uint16_t>(accepted.words[2]);
            place->own_address = static_cast<std::uint32_t>(accepted.words[3]);
        }
    }
    const bool has_news = std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
        return one.listener == &listener && !one.is_told;
    });
    if (has_news || listener.out_size != 0) guest_.wake(listener.number);
}

/// The next event goes out, where there is one.
void MessageBridge::tell_incoming(Stream& listener) {
    Waiting* next = nullptr;
    for (Waiting& one : waiting_) {
        if (one.listener != &listener || one.is_told) continue;
        if (next == nullptr || one.order < next->order) next = &one;
    }
    if (next == nullptr) return;
    next->is_told = true;
    PayloadWriter writer{message::Opcode::Incoming, 0};
    const message::IncomingBody body{next->ticket, next->peer_address, next->peer_port,
                                     next->own_address};
    send_out(listener, writer.bytes(bytes_of(body)));
}

void MessageBridge::close_listeners(Stream& stream) {
    for (auto& channel : stream.listeners) {
        if (channel) (void)channel->call(Call::Close);
        channel.reset();
    }
    for (Waiting& one : waiting_) {
        if (one.listener != &stream) continue;
        (void)one.channel.call(Call::Close);
        one = {};
    }
}

}  // namespace kos::vmm
