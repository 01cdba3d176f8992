// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Both ends of streams for tests: a host's end that keeps what it gets, and a guest that speaks
// packets.
#pragma once

#include "vmm/virtio/testing/fake_transport.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <deque>
#include <map>
#include <string>

namespace kos::virtio {

constexpr std::uint64_t test_cid = 3;

struct FakeHost final : SocketHost {
    struct Stream {
        StreamPorts ports;
        std::string received, to_send;
        bool open = false, guest_sends = true, guest_receives = true, closed = false;
    };
    void connect_requested(StreamId id, StreamPorts ports) override {
        streams[id] = {};
        streams[id].ports = ports;
        if (ports.host == 99) return device->refuse(id);
        if (ports.host == 98) return;
        streams[id].open = true;
        device->accept(id, window);
    }
    void connected(StreamId id) override { streams[id].open = true; }
    void received(StreamId id, ReadableBuffers bytes) override {
        const auto size = bytes.size();
        bytes.each(size, [&](Bytes part) { streams[id].received += as_text(part); });
        if (eager) device->consumed(id, static_cast<std::uint32_t>(size));
    }
    std::uint64_t send(StreamId id, WritableBuffers target) override {
        std::string& text = streams[id].to_send;
        const auto size = target.write(as_bytes(text));
        text.erase(0, size);
        return size;
    }
    void guest_finished(StreamId id, bool sending, bool receiving) override {
        if (sending) streams[id].guest_sends = false;
        if (receiving) streams[id].guest_receives = false;
    }
    void closed(StreamId id) override { streams[id].closed = true; }
    void say(StreamId id, const std::string& text) {
        streams[id].to_send += text;
        device->wake(id);
    }

    Socket* device = nullptr;
    std::map<StreamId, Stream> streams;
    std::uint32_t window = 4096;
    bool eager = true;  ///< consumes at once
};

struct SocketBed {
    explicit SocketBed(std::size_t connections = 8, std::size_t memory = 8 << 20)
        : storage(connections), device(host, test_cid, storage), bed(device, 0, memory) {
        host.device = &device;
    }
    static SocketHeader header(SocketOperation operation, StreamPorts ports) {
        SocketHeader header;
        header.source_cid = test_cid;
        header.destination_cid = host_cid;
        header.source_port = ports.guest;
        header.destination_port = ports.host;
        header.type = socket_stream;
        header.operation = static_cast<std::uint16_t>(operation);
        header.window = 65536u;
        return header;
    }
    void put(const SocketHeader& packet, const std::string& payload = {}) {
        SocketHeader complete = packet;
        if (!payload.empty()) complete.length = static_cast<std::uint32_t>(payload.size());
        auto chain = bed.chain(1).readable(complete);
        if (!payload.empty()) chain.readable(payload);
        chain.submit();
        bed.notify(1);
        (void)bed.queue(1).used();
    }
    void put(SocketOperation operation, StreamPorts ports, const std::string& payload = {}) {
        put(header(operation, ports), payload);
    }
    void offer_buffers(int count = 16, std::uint32_t size = 256) {
        for (int i = 0; i < count; ++i) bed.chain(0).writable(size).submit();
        bed.notify(0);
    }
    struct Packet {
        SocketHeader header;
        std::string payload;
        [[nodiscard]] SocketOperation operation() const {
            return static_cast<SocketOperation>(std::uint16_t{header.operation});
        }
    };
    std::optional<Packet> get() {
        const auto used = bed.queue(0).used();
        if (!used) return std::nullopt;
        return Packet{value_in<SocketHeader>(used->answer),
                      std::string{as_text(used->answer).substr(sizeof(SocketHeader))}};
    }
    SocketOperation next() {
        const auto packet = get();
        return packet ? packet->operation() : SocketOperation::Invalid;
    }
    /// A stream that the guest opened.
    StreamId open(StreamPorts ports) {
        put(SocketOperation::Request, ports);
        if (next() != SocketOperation::Response) panic("there was no response");
        for (const auto& [id, stream] : host.streams) {
            if (stream.ports == ports && !stream.closed) return id;
        }
        panic("the host has no such stream");
    }

    FakeHost host;
    std::vector<Connection> storage;
    Socket device;
    DeviceBed bed;
};

}  // namespace kos::virtio
