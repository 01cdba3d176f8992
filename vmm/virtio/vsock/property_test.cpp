// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams with small windows on both sides, slow readers, and few buffers: every byte arrives once
// and in order, and nobody is sent more than they have room for.

#include "vmm/virtio/vsock/test/fake_peers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace kos::virtio {
namespace {

using enum SocketOperation;

/// The guest's end of a stream.
struct GuestStream {
    StreamPorts ports;
    StreamId id{};
    std::string sent, received, host_sent;
    std::uint32_t window = 0, forwarded = 0, arrived = 0;
    std::uint32_t host_window = 0, host_forwarded = 0;

    [[nodiscard]] std::uint32_t room() const {
        return host_window - (static_cast<std::uint32_t>(sent.size()) - host_forwarded);
    }
};

std::string text_of(int seed, std::size_t size) {
    std::string text(size, 0);
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(seed * 31 + static_cast<int>(i));
    return text;
}

struct World {
    World() { bed.host.eager = false; }

    void open(std::uint32_t port) {
        GuestStream stream;
        stream.ports = {port, 1000};
        stream.window = *rc::gen::inRange(1u, 700u);
        auto request = SocketBed::header(Request, stream.ports);
        request.window = stream.window;
        bed.host.window = *rc::gen::inRange(1u, 700u);
        bed.put(request);
        for (const auto& [id, end] : bed.host.streams) {
            if (end.ports == stream.ports) stream.id = id;
        }
        streams.push_back(stream);
    }
    void take_packets() {
        while (const auto packet = bed.get()) {
            for (GuestStream& stream : streams) {
                if (stream.ports.guest != packet->header.destination_port) continue;
                RC_ASSERT(packet->operation() != Reset);
                stream.host_window = packet->header.window;
                stream.host_forwarded = packet->header.forwarded;
                stream.received += packet->payload;
                stream.arrived += packet->header.length;
                RC_ASSERT(stream.arrived - stream.forwarded <= stream.window);
            }
        }
    }
    void guest_writes(GuestStream& stream, std::uint32_t size) {
        size = std::min(size, stream.room());
        if (size == 0) return;
        const std::string text = text_of(static_cast<int>(stream.sent.size()), size);
        auto packet = credit(stream, ReadWrite);
        stream.sent += text;
        bed.put(packet, text);
    }
    void guest_reads(GuestStream& stream, std::uint32_t size) {
        stream.forwarded += std::min(size, stream.arrived - stream.forwarded);
        bed.put(credit(stream, CreditUpdate));
    }
    void host_reads(GuestStream& stream, std::uint32_t size) {
        bed.device.consumed(stream.id, size);
    }
    void host_writes(GuestStream& stream, std::uint32_t size) {
        const std::string text = text_of(static_cast<int>(stream.host_sent.size()) + 7, size);
        stream.host_sent += text;
        bed.host.say(stream.id, text);
    }
    void give_buffers() {
        while (bed.bed.queue(0).free_descriptors() > 40) {
            bed.bed.chain(0).writable(*rc::gen::inRange(44u, 200u)).submit();
        }
        bed.bed.notify(0);
    }
    static SocketHeader credit(const GuestStream& stream, SocketOperation operation) {
        auto packet = SocketBed::header(operation, stream.ports);
        packet.window = stream.window;
        packet.forwarded = stream.forwarded;
        return packet;
    }

    SocketBed bed{8, 16 << 20};
    std::vector<GuestStream> streams;
};

RC_GTEST_PROP(SocketProperty, EveryByteArrivesOnceAndInOrder, ()) {
    World world;
    world.give_buffers();
    for (std::uint32_t port = 1; port <= 3; ++port) world.open(port);
    const auto step = [&](int action, GuestStream& stream, std::uint32_t size) {
        if (action == 0) world.guest_writes(stream, size);
        if (action == 1) world.guest_reads(stream, size);
        if (action == 2) world.host_reads(stream, size);
        if (action == 3) world.host_writes(stream, size);
        if (action == 4) world.give_buffers();
        world.take_packets();
    };
    for (int i = 0; i < 60; ++i) {
        step(*rc::gen::inRange(0, 5), world.streams[*rc::gen::inRange<std::size_t>(0, 3)],
             *rc::gen::inRange(1u, 500u));
    }
    // Whatever is on its way arrives once everybody reads.
    const auto all_arrived = [&world](const GuestStream& stream) {
        return world.bed.host.streams[stream.id].received == stream.sent &&
               stream.received == stream.host_sent;
    };
    for (int round = 0; round < 20000 && !std::ranges::all_of(world.streams, all_arrived);
         ++round) {
        for (GuestStream& stream : world.streams) {
            for (const int action : {4, 1, 2}) step(action, stream, 1000);
        }
    }
    for (const GuestStream& stream : world.streams) {
        RC_ASSERT(world.bed.host.streams[stream.id].received == stream.sent);
        RC_ASSERT(stream.received == stream.host_sent);
    }
}

}  // namespace
}  // namespace kos::virtio
