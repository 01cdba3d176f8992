// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: a guest's ends of its streams, at a bridge whose message server is the real engine.
#pragma once

#include "msgserver/core/test_server.hpp"
#include "vmm/messages/bridge.hpp"
#include "vmm/messages/testing/engine_servers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace kos::vmm::testing {

using message::Opcode;
using message::Status;
using msgserver::testing::Client;
using msgserver::testing::client_address;
using msgserver::testing::Received;
using msgserver::testing::server_address;
using msgserver::testing::TestServer;

/// Takes bytes as far as it has credit, and keeps to the credit that it is given.
class TestGuest final : public GuestStreams {
   public:
    struct Stream {
        bool is_open = false, is_reset = false, is_finished = false, is_closed = false;
        bool is_woken = false;
        std::uint32_t window = 0, sent = 0, consumed = 0;
        std::size_t room = 1u << 20;  ///< bytes that it still takes
        std::string received;
    };

    explicit TestGuest(TestServer& server, std::uint32_t member = 1)
        : TestGuest(std::vector<TestServer*>{&server}, member) {}
    explicit TestGuest(const std::vector<TestServer*>& servers, std::uint32_t member = 1)
        : servers_(servers, member), bridge(servers_, *this, tickets_) {
        for (TestServer* const server : servers) server->without_lanes = member;
    }

    Stream& operator[](StreamNumber number) { return streams_[number]; }

    StreamNumber open(std::uint32_t port = 1000) {
        const StreamNumber number = next_++;
        streams_[number] = {};
        bridge.requested(number, port);
        tend();
        return number;
    }
    /// As much of \p bytes as its credit allows.
    std::size_t write(StreamNumber number, std::string_view bytes) {
        Stream& stream = streams_[number];
        bytes = bytes.substr(0, stream.window - (stream.sent - stream.consumed));
        stream.sent += static_cast<std::uint32_t>(bytes.size());
        bridge.received(number, as_bytes(bytes));
        tend();
        return bytes.size();
    }
    void send_payload(StreamNumber number, const message::PayloadWriter& payload) {
        const message::FrameLength length{static_cast<std::uint32_t>(payload.payload().size())};
        const std::string frame =
            std::string{as_text(bytes_of(length))} + std::string{as_text(payload.payload())};
        EXPECT_EQ(write(number, frame), frame.size());
    }
    void send(StreamNumber number, Opcode opcode, std::string_view body, std::uint32_t id = 7) {
        message::PayloadWriter writer{opcode, id};
        send_payload(number, writer.bytes(as_bytes(body)));
    }
    /// What has come, taken.
    std::string read(StreamNumber number) {
        tend();
        pull(number);
        tend();
        return std::exchange(streams_[number].received, {});
    }
    /// The first frame that has come.
    std::optional<Received> receive(StreamNumber number) {
        tend();
        std::string& bytes = streams_[number].received;
        const auto length = read_at<message::FrameLength>(as_bytes(bytes), 0);
        if (!length || bytes.size() - sizeof *length < *length) return std::nullopt;
        const std::string payload = bytes.substr(sizeof *length, *length);
        bytes.erase(0, sizeof *length + *length);
        const auto head = *read_at<message::Head>(as_bytes(payload), 0);
        return Received{head.opcode, static_cast<Status>(std::uint16_t{head.status}), head.id,
                        payload.substr(sizeof head)};
    }
    Received ask(StreamNumber number, Opcode opcode, std::string_view body = {}) {
        send(number, opcode, body);
        return receive(number).value_or(Received{});
    }
    void finish(StreamNumber number, bool sending, bool receiving) {
        bridge.finished(number, sending, receiving);
        tend();
    }
    /// Agrees to the end of a stream, or ends it.
    void end(StreamNumber number) {
        bridge.closed(number);
        tend();
    }

    void tend() { EXPECT_TRUE(bridge.tend()); }

    void accept(StreamNumber stream, std::uint32_t window) override {
        streams_[stream].is_open = true;
        streams_[stream].window = window;
    }
    void abort(StreamNumber stream) override { streams_[stream].is_reset = true; }
    void wake(StreamNumber stream) override {
        streams_[stream].is_woken = true;
        pull(stream);
    }
    void consumed(StreamNumber stream, std::uint32_t bytes) override {
        streams_[stream].consumed += bytes;
        EXPECT_LE(streams_[stream].consumed, streams_[stream].sent);
    }
    void finish(StreamNumber stream) override { streams_[stream].is_finished = true; }
    void close(StreamNumber stream) override { streams_[stream].is_closed = true; }

   private:
    void pull(StreamNumber number) {
        Stream& stream = streams_[number];
        while (stream.is_woken && stream.room != 0) {
            std::array<std::byte, 1000> bytes;
            const std::size_t count =
                bridge.send(number, MutableBytes{bytes}.first(std::min(stream.room, bytes.size())));
            if (count == 0) stream.is_woken = false;
            stream.room -= count;
            stream.received += as_text(Bytes{bytes}.first(count));
        }
    }

    EngineServers servers_;
    CountingTickets tickets_;
    std::map<StreamNumber, Stream> streams_;
    StreamNumber next_ = 1;

   public:
    MessageBridge bridge;
};

template <class T>
std::string body_of(const T& fields) {
    return std::string{as_text(bytes_of(fields))};
}

}  // namespace kos::vmm::testing
