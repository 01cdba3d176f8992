// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device's queues and the host's end of streams; socket_packets.cpp is the guest's end.

#include "vmm/virtio/vsock/socket.hpp"

#include <algorithm>

namespace kos::virtio {

namespace {

constexpr std::uint16_t queue_size = 128;
/// Linux's own limit; a packet also has to fit the buffer that the guest gave.
constexpr std::uint64_t max_payload = 65536;

}  // namespace

Socket::Socket(SocketHost& host, std::uint64_t guest_cid, std::span<Connection> connections)
    : Device(DeviceType::Socket, queues_, queue_size),
      host_(host),
      guest_cid_(guest_cid),
      table_(connections) {}

void Socket::read_config(std::uint64_t offset, MutableBytes target) const {
    read_config_of(bytes_of(SocketConfig{guest_cid_}), offset, target);
}

Result<void, DriverError> Socket::process(unsigned index) {
    busy_ = true;
    Result<void, DriverError> done;
    if (index == transmit_queue) {
        // Whoever sends what belongs to no stream gets no further while it does not take answers;
        // `flush` goes on where it does.
        const auto room = [this] {
            if (replies_.size() < replies_.capacity()) return true;
            stalled_ = true;
            return false;
        };
        done = drain_while(transmit_queue, room,
                           [this](Chain& chain) { return handle_packet(chain); });
    }
    if (done) done = flush();
    busy_ = false;
    return done;
}

void Socket::on_reset() {
    replies_.truncate(0);
    stalled_ = false;
    for (std::size_t i = 0; i < table_.capacity(); ++i) {
        const StreamId id{static_cast<std::uint16_t>(i)};
        // The host's end has forgotten those that it aborted.
        if (table_.contains(id)) remove(id, !table_[id].reset);
    }
}

void Socket::accept(StreamId id, std::uint32_t window) {
    if (!table_.contains(id) || table_[id].state != Connection::State::Requested) return;
    Connection& connection = table_[id];
    connection.state = Connection::State::Open;
    connection.window = window;
    connection.response = true;
    ++socket_metrics_.streams;
    changed(id);
}

std::optional<StreamId> Socket::connect(StreamPorts ports, std::uint32_t window) {
    if (!active() || table_.find(ports)) return std::nullopt;
    const auto id = table_.add(ports);
    if (!id) return std::nullopt;
    Connection& connection = table_[*id];
    connection.state = Connection::State::Connecting;
    connection.window = window;
    connection.request = true;
    changed(*id);
    return id;
}

void Socket::wake(StreamId id) {
    if (!table_.contains(id)) return;
    table_[id].has_data = true;
    changed(id);
}

void Socket::consumed(StreamId id, std::uint32_t count) {
    if (!table_.contains(id)) return;
    Connection& connection = table_[id];
    connection.consumed += std::min(count, connection.received - connection.consumed);
    if (connection.credit_is_due()) changed(id);
}

void Socket::finish(StreamId id) {
    if (!table_.contains(id)) return;
    table_[id].finishing = true;
    changed(id);
}

void Socket::close(StreamId id) {
    if (!table_.contains(id)) return;
    Connection& connection = table_[id];
    connection.closing = true;
    // The guest is through: nothing but our RST is missing (section 5.10.6.5).
    if (connection.guest_shut_down == shutdown_both) return break_stream(id);
    changed(id);
}

void Socket::abort(StreamId id) {
    if (!table_.contains(id)) return;
    Connection& connection = table_[id];
    // The guest does not know of a stream that was never asked for.
    if (connection.request) return remove(id, false);
    connection.reset = true;
    changed(id);
}

void Socket::changed(StreamId id) {
    table_.make_ready(id);
    flush_later();
}

void Socket::flush_later() {
    if (busy_) return;
    busy_ = true;
    run(receive_queue, [this] { return flush(); });
    busy_ = false;
}

Result<void, DriverError> Socket::flush() {
    if (!active()) return {};
    for (unsigned packets = 0; packets < share; ++packets) {
        if (!replies_.empty()) {
            const std::size_t last = replies_.size() - 1;
            SocketHeader header = header_for(replies_[last].ports, SocketOperation::Reset);
            header.type = replies_[last].type;
            if (!KOS_TRY(put(header))) return {};
            ++socket_metrics_.resets;
            replies_.truncate(last);
            // The driver need not notify again for what it made available before.
            if (std::exchange(stalled_, false) && transport() != nullptr) {
                transport()->again(transmit_queue);
            }
            continue;
        }
        const auto id = table_.take_ready();
        if (!id) return {};
        if (table_[*id].next_operation() == SocketOperation::Invalid) continue;
        if (!KOS_TRY(pop_buffer(receive_queue))) {
            table_.put_back(*id);
            return {};
        }
        if (!KOS_TRY(send_next(*id))) own_queue(receive_queue).undo_pop();
    }
    if (transport() != nullptr) transport()->again(receive_queue);
    return {};
}

Result<bool, DriverError> Socket::send_next(StreamId id) {
    WritableBuffers target = chain().writable();
    if (target.size() < sizeof(SocketHeader)) return Err{RequestError::Answer};
    WritableBuffers place = target.take(sizeof(SocketHeader));
    Connection& connection = table_[id];
    SocketOperation operation = connection.next_operation();
    // A buffer without room for bytes is used up by news of credit: the bytes wait for the next.
    if (operation == SocketOperation::ReadWrite && target.empty()) {
        operation = SocketOperation::CreditUpdate;
    }
    SocketHeader header = header_for(connection.ports, operation);
    header.window = connection.window;
    bool over = false;
    switch (operation) {
        case SocketOperation::ReadWrite: {
            const std::uint64_t room =
                std::min<std::uint64_t>({target.size(), connection.guest_room(), max_payload});
            const std::uint64_t size = host_.send(id, target.take(room));
            // The host's end may have ended the stream, or had nothing after all.
            if (!table_.contains(id)) return false;
            if (size == 0) {
                connection.has_data = false;
                table_.make_ready(id);
                return false;
            }
            connection.sent += static_cast<std::uint32_t>(size);
            socket_metrics_.bytes_sent += size;
            header.length = static_cast<std::uint32_t>(size);
            break;
        }
        case SocketOperation::CreditRequest:
            connection.asked_for_credit = true;
            break;
        case SocketOperation::Request:
            connection.request = false;
            break;
        case SocketOperation::Response:
            connection.response = false;
            break;
        case SocketOperation::Shutdown:
            connection.shut_down |= connection.closing ? shutdown_both : shutdown_send;
            header.flags = connection.shut_down;
            if (connection.closing) connection.state = Connection::State::Closing;
            break;
        case SocketOperation::Reset:
            ++socket_metrics_.resets;
            over = true;
            break;
        default:
            break;
    }
    header.forwarded = connection.advertised = connection.consumed;
    (void)place.write_value(header);
    own_queue(receive_queue).push(chain(), sizeof header + header.length);
    if (over) {
        remove(id, false);
    } else {
        table_.make_ready(id);
    }
    return true;
}

SocketHeader Socket::header_for(StreamPorts ports, SocketOperation operation) const {
    SocketHeader header;
    header.source_cid = host_cid;
    header.destination_cid = guest_cid_;
    header.source_port = ports.host;
    header.destination_port = ports.guest;
    header.type = socket_stream;
    header.operation = static_cast<std::uint16_t>(operation);
    return header;
}

Result<bool, DriverError> Socket::put(const SocketHeader& header) {
    if (!KOS_TRY(pop_buffer(receive_queue))) return false;
    if (!chain().writable().write_value(header)) return Err{RequestError::Answer};
    own_queue(receive_queue).push(chain(), sizeof header);
    return true;
}

void Socket::remove(StreamId id, bool tell) {
    table_.remove(id);
    if (tell) host_.closed(id);
}

}  // namespace kos::virtio
