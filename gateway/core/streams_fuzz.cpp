// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any frames of the host, at a gateway whose message server is the real engine, beside a service
// that listens, reads, writes, closes, dies and starts again: what goes to the host is well-formed,
// in order and within its window, and every channel comes back.
//
// Input: operation, stream, argument; and again.

#include "gateway/core/streams.hpp"

#include "lib/base/panic.hpp"
#include "msgserver/core/test_server.hpp"
#include "vmm/messages/testing/engine_servers.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

using namespace kos;
using message::Call;
using msg::StreamEvent;
using msgserver::testing::TestServer;

constexpr std::uint32_t own_member = 0, service = 1;
constexpr std::uint32_t service_address = 0x0a59'0103;
constexpr std::size_t stream_count = msg::max_gateway_streams + 2;  // more than there are

/// The host's end, which keeps to the rules or not.
class Host final : public msg::HostLine {
   public:
    struct Stream {
        std::uint32_t name = 0;
        std::uint32_t sent = 0;  ///< of the host
        std::uint32_t got = 0;   ///< of the service
        std::uint32_t told = 0;  ///< to have been read of it
        bool has_end = false;
    };
    void send(Bytes payload) override {
        if (payload.size() > msg::max_from_guest) panic("a payload is too long");
        const auto header = read_at<msg::StreamHeader>(payload, 0);
        if (!header || header->stream >= msg::max_gateway_streams) panic("no stream of the host's");
        Stream& stream = streams[header->stream];
        const std::size_t bytes = payload.size() - sizeof(*header);
        switch (static_cast<StreamEvent>(header->event)) {
            case StreamEvent::Data:
                if (header->position != stream.got || stream.has_end) panic("bytes out of order");
                stream.got += static_cast<std::uint32_t>(bytes);
                if (stream.got - stream.told > msg::guest_window) panic("more than the window");
                return;
            case StreamEvent::Finish:
                if (header->position != stream.got || stream.has_end) panic("another end");
                stream.has_end = true;
                return;
            case StreamEvent::Credit:
                if (header->position > stream.sent) panic("credit for what was not sent");
                return;
            case StreamEvent::Open:
            case StreamEvent::Close:
            case StreamEvent::Room:
                if (bytes != 0) panic("an event with bytes");
                return;
        }
        panic("no event");
    }

    std::array<Stream, stream_count> streams{};
};

std::vector<std::byte> make_plan() {
    gateway::PlanHead head;
    head.ports = 2u;
    const std::array<gateway::PlanPort, 2> ports{
        gateway::PlanPort{.ipv4 = service_address, .port = 80, .reserved = {}},
        gateway::PlanPort{.ipv4 = service_address, .port = 81, .reserved = {}}};
    std::vector<std::byte> blob(sizeof head + sizeof ports);
    std::memcpy(blob.data(), &head, sizeof head);
    std::memcpy(blob.data() + sizeof head, ports.data(), sizeof ports);
    return blob;
}

/// What the service does; it has no memory of its channels, and so may err.
void serve(TestServer& server, unsigned operation, std::uint32_t argument) {
    const std::uint32_t channel = argument % message::channels_of_an_app;
    msgserver::testing::Client client{server, service, channel};
    const std::uint32_t starts = server.engine.members()[service].generation;
    switch (operation) {
        case 0:
            (void)server.call(service, Call::Listen,
                              server.call(service, Call::OpenStream).words[0], 0, 80, 8);
            return;
        case 1:
            (void)server.call(service, Call::Accept, channel);
            return;
        case 2:
            (void)client.write(std::string(argument * 64, 'x'));
            return;
        case 3:
            (void)client.read(argument * 64);
            return;
        case 4:
            (void)server.call(service, Call::ShutDown, channel);
            return;
        case 5:
            (void)client.close();
            return;
        case 6:
            server.engine.set_state(service, starts, false);
            return;
        default:
            server.engine.set_state(service, starts + 1, true);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<message::Member> members(2);
    members[0] = {.app = 1, .name = "gateway", .addresses = {{1, 0x0a59'0102}}};
    members[1] = {.app = 2, .name = "web", .addresses = {{1, service_address}}};
    TestServer server{members};
    vmm::testing::EngineServers servers{{&server}, own_member};
    Host host;
    const std::vector<std::byte> plan = make_plan();
    gateway::Streams streams{servers, host, *gateway::Plan::create(plan)};
    std::uint32_t names = 0;
    const auto tell = [&](StreamEvent event, std::size_t number, std::uint32_t position,
                          std::size_t bytes = 0, std::uint32_t port = 0) {
        msg::StreamHeader header;
        header.stream = static_cast<std::uint8_t>(number);
        header.event = static_cast<std::uint8_t>(event);
        header.port = static_cast<std::uint16_t>(port);
        header.position = position;
        std::vector<std::byte> payload(sizeof header + bytes);
        std::memcpy(payload.data(), &header, sizeof header);
        streams.receive(payload);
    };
    for (std::size_t at = 0; at + 3 <= size; at += 3) {
        const unsigned operation = data[at] % 16;
        const std::size_t number = data[at + 1] % stream_count;
        const std::uint32_t argument = data[at + 2];
        Host::Stream& stream = host.streams[number];
        switch (operation) {
            case 0:
                stream = {.name = ++names};
                tell(StreamEvent::Open, number, stream.name, 0, argument % 3);
                break;
            case 1:
                stream.sent += argument * 4;
                tell(StreamEvent::Data, number, stream.sent - argument * 4, argument * 4);
                break;
            case 2:
                stream.told = stream.got;
                tell(StreamEvent::Credit, number, stream.told);
                break;
            case 3:
                tell(StreamEvent::Finish, number, stream.sent);
                break;
            case 4:
                tell(StreamEvent::Close, number, stream.name);
                break;
            case 5: {  // what no host would say, but no credit either
                const auto event = static_cast<StreamEvent>(argument);
                if (event != StreamEvent::Open) tell(event, number, stream.got + 1 + argument);
                break;
            }
            case 6:
            case 7:
                (void)streams.tend();
                break;
            default:
                serve(server, operation - 8, argument);
        }
    }
    for (std::size_t number = 0; number < msg::max_gateway_streams; ++number) {
        tell(StreamEvent::Close, number, host.streams[number].name);
    }
    if (streams.count() != 0) panic("a stream is lost");
    for (const auto& channel : server.engine.members()[own_member].channels) {
        if (channel.kind != msgserver::ChannelKind::Free && !channel.is_closing) {
            panic("a channel is lost");
        }
    }
    return 0;
}
