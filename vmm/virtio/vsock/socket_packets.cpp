// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the guest's packets do to streams (VIRTIO 1.2, section 5.10.6).

#include "vmm/virtio/vsock/socket.hpp"

namespace kos::virtio {

Result<void, DriverError> Socket::handle_packet(const Chain& chain) {
    ReadableBuffers packet = chain.readable();
    const auto header = packet.read<SocketHeader>();
    if (!header) return Err{RequestError::Header};
    if (header->length > packet.size()) return Err{RequestError::Field};
    handle(*header, packet.take(header->length));
    own_queue(transmit_queue).push(chain, 0);
    return {};
}

void Socket::handle(const SocketHeader& header, ReadableBuffers payload) {
    if (header.source_cid != guest_cid_ || header.destination_cid != host_cid) {
        ++socket_metrics_.dropped;
        return;
    }
    const StreamPorts ports{.guest = header.source_port, .host = header.destination_port};
    const auto operation = static_cast<SocketOperation>(std::uint16_t{header.operation});
    const auto id = header.type == socket_stream ? table_.find(ports) : std::nullopt;
    if (id) return handle_stream(*id, header, payload);
    if (header.type == socket_stream && operation == SocketOperation::Request) {
        return handle_request(header, ports);
    }
    // Section 5.10.6.4: who speaks to nobody is told so, except by a reset itself.
    if (operation != SocketOperation::Reset) (void)replies_.push_back({ports, header.type});
}

void Socket::handle_request(const SocketHeader& header, StreamPorts ports) {
    const auto id = table_.add(ports);
    if (!id) {
        (void)replies_.push_back({ports});
        return;
    }
    table_[*id].note_credit(header);
    host_.connect_requested(*id, ports);
}

void Socket::handle_stream(StreamId id, const SocketHeader& header, ReadableBuffers payload) {
    Connection& connection = table_[id];
    // It is over, only the guest does not know yet.
    if (connection.reset) return;
    connection.note_credit(header);
    const bool open = connection.state == Connection::State::Open;
    switch (static_cast<SocketOperation>(std::uint16_t{header.operation})) {
        case SocketOperation::Response:
            if (connection.state != Connection::State::Connecting || connection.request) break;
            connection.state = Connection::State::Open;
            ++socket_metrics_.streams;
            table_.make_ready(id);
            host_.connected(id);
            return;
        case SocketOperation::Reset:
            return remove(id, true);
        case SocketOperation::Shutdown:
            return handle_shutdown(id, header.flags & shutdown_both);
        case SocketOperation::ReadWrite:
            // A guest may still have been sending when we shut down.
            if (connection.state == Connection::State::Closing) return;
            if (!open || (connection.guest_shut_down & shutdown_send) != 0 ||
                !connection.receive(header.length)) {
                break;
            }
            socket_metrics_.bytes_received += header.length;
            table_.make_ready(id);
            if (header.length != 0) host_.received(id, payload);
            return;
        case SocketOperation::CreditRequest:
            // Answered by an update even where there is no news.
            connection.advertised = connection.consumed - connection.window;
            table_.make_ready(id);
            return;
        case SocketOperation::CreditUpdate:
            table_.make_ready(id);
            return;
        default:
            break;
    }
    break_stream(id);
}

void Socket::handle_shutdown(StreamId id, std::uint32_t flags) {
    Connection& connection = table_[id];
    const std::uint32_t added = flags & ~connection.guest_shut_down;
    connection.guest_shut_down |= flags;
    if (connection.state == Connection::State::Closing) {
        if (connection.guest_shut_down == shutdown_both) break_stream(id);
        return;
    }
    if (connection.state != Connection::State::Open) return break_stream(id);
    table_.make_ready(id);
    if (added == 0) return;
    host_.guest_finished(id, (added & shutdown_send) != 0, (added & shutdown_receive) != 0);
}

void Socket::break_stream(StreamId id) {
    const StreamPorts ports = table_[id].ports;
    // A full list of replies is no reason to let the stream live: the guest then hears of it
    // with its next packet.
    (void)replies_.push_back({ports});
    remove(id, true);
    flush_later();
}

}  // namespace kos::virtio
