// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes and events of a guest's streams, at a bridge whose message server is the real engine:
// no more credit than was used, no more bytes taken than asked for, and every place and channel
// comes back.
//
// Input: operation, stream, size, then as many bytes; and again.

#include "lib/base/panic.hpp"
#include "msgserver/core/test_server.hpp"
#include "vmm/messages/testing/engine_servers.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace {

using namespace kos;
using vmm::MessageBridge;
using vmm::StreamNumber;

constexpr std::size_t stream_count = 40;  // more than there are places

class Guest final : public vmm::GuestStreams {
   public:
    struct Stream {
        bool is_asked = false, is_open = false;
        std::uint32_t sent = 0, consumed = 0;
    };
    void accept(StreamNumber stream, std::uint32_t window) override {
        if (window != MessageBridge::window) panic("another window");
        at(stream).is_open = true;
    }
    void abort(StreamNumber stream) override { at(stream) = {}; }
    void wake(StreamNumber stream) override { at(stream); }
    void consumed(StreamNumber stream, std::uint32_t bytes) override {
        Stream& one = at(stream);
        one.consumed += bytes;
        if (one.consumed > one.sent) panic("credit for what was not sent");
    }
    void finish(StreamNumber stream) override { at(stream); }
    void close(StreamNumber stream) override { at(stream); }

    std::array<Stream, stream_count> streams{};

   private:
    Stream& at(StreamNumber stream) {
        if (stream >= streams.size() || !streams[stream].is_asked) panic("no such stream");
        return streams[stream];
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    msgserver::testing::TestServer server{msgserver::testing::three_apps()};
    vmm::testing::EngineServers servers{{&server}, 1};
    vmm::testing::CountingTickets tickets;
    Guest guest;
    MessageBridge bridge{servers, guest, tickets};
    Bytes input = std::as_bytes(std::span{data, size});
    constexpr std::size_t head = 3;
    while (input.size() >= head) {
        const auto operation = std::to_integer<unsigned>(input[0]) % 6;
        const auto number =
            static_cast<StreamNumber>(std::to_integer<unsigned>(input[1]) % stream_count);
        const std::size_t wanted = std::to_integer<std::size_t>(input[2]);
        input = input.subspan(head);
        Guest::Stream& stream = guest.streams[number];
        const Bytes bytes = input.first(
            std::min({wanted, input.size(),
                      std::size_t{MessageBridge::window} - (stream.sent - stream.consumed)}));
        input = input.subspan(bytes.size());
        if (operation == 0 && !stream.is_asked) {
            stream.is_asked = true;
            bridge.requested(number, 1000 + static_cast<std::uint32_t>(wanted % 3));
        } else if (stream.is_open) {
            std::array<std::byte, 256> taken;
            switch (operation) {
                case 1:
                    stream.sent += static_cast<std::uint32_t>(bytes.size());
                    bridge.received(number, bytes);
                    break;
                case 2:
                    if (bridge.send(number, MutableBytes{taken}.first(wanted)) > wanted) {
                        panic("more than was asked for");
                    }
                    break;
                case 3:
                    bridge.finished(number, (wanted & 1) != 0, (wanted & 2) != 0);
                    break;
                case 4:
                    stream = {};
                    bridge.closed(number);
                    break;
                default:
                    (void)bridge.tend();
            }
        }
    }
    for (StreamNumber number = 0; number < stream_count; ++number) {
        guest.streams[number] = {.is_asked = true};
        bridge.closed(number);
    }
    (void)bridge.tend();
    if (bridge.streams() != 0) panic("a place is lost");
    for (const auto& channel : server.engine.members()[1].channels) {
        if (channel.kind != msgserver::ChannelKind::Free && !channel.is_closing) {
            panic("a channel is lost");
        }
    }
    return 0;
}
