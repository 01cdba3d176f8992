// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "gateway/core/streams.hpp"

#include "msgserver/core/test_server.hpp"
#include "vmm/messages/testing/engine_servers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace kos::gateway {
namespace {

using message::Call;
using msg::StreamEvent;
using msgserver::Errno;
using msgserver::testing::Client;
using msgserver::testing::TestServer;
using vmm::testing::EngineServers;
namespace flag = message::channel_flag;

constexpr std::uint32_t gateway_member = 0, service = 1;
constexpr std::uint32_t service_address = 0x0a59'0103;

/// The gateway and a service on one network.
std::vector<message::Member> two_members() {
    std::vector<message::Member> members(2);
    members[0] = {.app = 1, .name = "gateway", .addresses = {{1, 0x0a59'0102}}};
    members[1] = {.app = 2, .name = "web", .addresses = {{1, service_address}}};
    return members;
}

template <class T>
void append(std::vector<std::byte>& blob, const T& value) {
    const Bytes bytes = bytes_of(value);
    blob.insert(blob.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> plan_of(const std::vector<PlanPort>& ports) {
    PlanHead head;
    head.ports = static_cast<std::uint32_t>(ports.size());
    std::vector<std::byte> blob;
    append(blob, head);
    for (const PlanPort& port : ports) append(blob, port);
    return blob;
}

struct Told {
    unsigned stream = 0;
    StreamEvent event{};
    std::uint32_t position = 0;
    std::string data;
};

/// The host's end.
class TestLine final : public msg::HostLine {
   public:
    void send(Bytes payload) override {
        const auto header = read_at<msg::StreamHeader>(payload, 0).value();
        EXPECT_LE(payload.size(), msg::max_from_guest);
        told.push_back({header.stream, static_cast<StreamEvent>(header.event), header.position,
                        std::string{as_text(payload.subspan(sizeof header))}});
    }
    /// How often \p event was told, and where last.
    [[nodiscard]] std::size_t count(StreamEvent event) const {
        return static_cast<std::size_t>(std::ranges::count(told, event, &Told::event));
    }
    [[nodiscard]] std::uint32_t last(StreamEvent event) const {
        std::uint32_t position = 0;
        for (const Told& one : told) {
            if (one.event == event) position = one.position;
        }
        return position;
    }
    std::string data() {
        std::string data;
        for (const Told& one : told) data += one.data;
        std::erase_if(told, [](const Told& one) { return one.event == StreamEvent::Data; });
        return data;
    }

    std::vector<Told> told;
};

struct GatewayTest : ::testing::Test {
    TestServer server{two_members()};
    EngineServers servers{{&server}, gateway_member};
    TestLine line;
    std::vector<std::byte> plan = plan_of({{.ipv4 = service_address, .port = 80, .reserved = {}},
                                           {.ipv4 = service_address, .port = 81, .reserved = {}}});
    Streams streams{servers, line, Plan::create(plan).value()};

    void tell(StreamEvent event, std::uint32_t position, std::string_view data = {},
              unsigned stream = 0, unsigned port = 0) {
        msg::StreamHeader header;
        header.stream = static_cast<std::uint8_t>(stream);
        header.event = static_cast<std::uint8_t>(event);
        header.port = static_cast<std::uint16_t>(port);
        header.position = position;
        const std::string payload = std::string{as_text(bytes_of(header))}.append(data);
        streams.receive(as_bytes(payload));
        EXPECT_TRUE(streams.tend());
    }
    Client listen() {
        Client listener = Client::stream(server, service);
        EXPECT_EQ(server.call(service, Call::Listen, listener.number(), 0, 80, 16).error,
                  Errno::Ok);
        return listener;
    }
    /// The service's end of a stream that is open.
    Client open() {
        const Client listener = listen();
        tell(StreamEvent::Open, 7);
        EXPECT_EQ(line.count(StreamEvent::Open), 1u);
        return accept(listener);
    }
    Client accept(const Client& listener) {
        const auto accepted = server.call(service, Call::Accept, listener.number());
        EXPECT_EQ(accepted.error, Errno::Ok);
        return {server, service, static_cast<std::uint32_t>(accepted.words[0])};
    }
};

TEST_F(GatewayTest, AStreamGoesBothWaysAndEndsHalfByHalf) {
    Client served = open();
    tell(StreamEvent::Data, 0, "question");
    EXPECT_EQ(served.read(), "question");
    tell(StreamEvent::Finish, 8);
    EXPECT_TRUE(served.has(flag::end_of_input));
    EXPECT_EQ(line.last(StreamEvent::Credit), 8u);
    served.write("answer");
    EXPECT_TRUE(streams.tend());
    EXPECT_EQ(line.data(), "answer");
    EXPECT_EQ(line.count(StreamEvent::Finish), 0u);
    (void)served.close();
    EXPECT_TRUE(streams.tend());
    EXPECT_EQ(line.last(StreamEvent::Finish), 6u);
    EXPECT_EQ(line.last(StreamEvent::Close), 7u);
    EXPECT_EQ(streams.count(), 0u);
}

TEST_F(GatewayTest, TheServicesHalfEndsFirst) {
    Client served = open();
    served.write("all there is");
    EXPECT_EQ(server.call(service, Call::ShutDown, served.number()).error, Errno::Ok);
    EXPECT_TRUE(streams.tend());
    EXPECT_EQ(line.data(), "all there is");
    EXPECT_EQ(line.last(StreamEvent::Finish), 12u);
    EXPECT_EQ(line.count(StreamEvent::Close), 0u);
    tell(StreamEvent::Data, 0, "more");
    EXPECT_EQ(served.read(), "more");
    tell(StreamEvent::Finish, 4);
    EXPECT_EQ(line.count(StreamEvent::Close), 1u);
}

TEST_F(GatewayTest, WhereNobodyListensTheStreamIsReset) {
    tell(StreamEvent::Open, 7);
    ASSERT_EQ(line.told.size(), 1u);
    EXPECT_EQ(line.last(StreamEvent::Close), 7u);
    EXPECT_EQ(streams.count(), 0u);
}

TEST_F(GatewayTest, APortThatIsNotPublishedIsNotReached) {
    const Client listener = listen();
    tell(StreamEvent::Open, 7, {}, 0, 1);  // another one of the service's: nobody listens
    tell(StreamEvent::Open, 8, {}, 0, 2);  // none of the plan
    EXPECT_EQ(line.count(StreamEvent::Close), 2u);
    EXPECT_EQ(line.count(StreamEvent::Open), 0u);
}

TEST_F(GatewayTest, AServiceThatDiesEndsItsStreamsBehindItsBytes) {
    Client served = open();
    served.write("last words");
    server.engine.set_state(service, 1, false);
    EXPECT_TRUE(streams.tend());
    EXPECT_EQ(line.data(), "last words");
    // As Linux closes what a process had open.
    EXPECT_EQ(line.last(StreamEvent::Finish), 10u);
    EXPECT_EQ(line.last(StreamEvent::Close), 7u);
}

TEST_F(GatewayTest, AServiceThatDiesResetsWhatItHasNotAccepted) {
    const Client listener = listen();
    tell(StreamEvent::Open, 7);
    server.engine.set_state(service, 1, false);
    EXPECT_TRUE(streams.tend());
    EXPECT_EQ(line.count(StreamEvent::Finish), 0u);
    EXPECT_EQ(line.last(StreamEvent::Close), 7u);
    tell(StreamEvent::Open, 8);
    EXPECT_EQ(line.count(StreamEvent::Open), 1u);
    EXPECT_EQ(line.last(StreamEvent::Close), 8u);
}

TEST_F(GatewayTest, AServiceThatStartsAgainResetsWhatItsLastRunHadLeft) {
    Client served = open();
    // More than the host takes, so that some of it is still the service's.
    while (served.write(std::string(1000, 'x')) == 1000) EXPECT_TRUE(streams.tend());
    server.engine.set_state(service, 1, false);
    server.engine.set_state(service, 2, true);
    EXPECT_TRUE(streams.tend());
    std::uint32_t got = 0;
    for (int i = 0; i < 10; ++i) {
        got += static_cast<std::uint32_t>(line.data().size());
        tell(StreamEvent::Credit, got);
    }
    EXPECT_EQ(line.count(StreamEvent::Finish), 0u);
    EXPECT_EQ(line.last(StreamEvent::Close), 7u);
}

TEST_F(GatewayTest, AServiceThatDoesNotReadStopsItsClientAlone) {
    Client served = open();
    const std::string piece(1000, 'x');
    std::uint32_t sent = 0;
    // Rings of both ends fill up, and the window behind them.
    while (sent + piece.size() <= line.last(StreamEvent::Credit) + msg::host_window) {
        tell(StreamEvent::Data, sent, piece);
        sent += static_cast<std::uint32_t>(piece.size());
        ASSERT_LT(sent, 1u << 20);
    }
    EXPECT_EQ(line.count(StreamEvent::Close), 0u);
    std::size_t read = 0;
    for (std::size_t got = 1; got != 0; read += got) {
        got = served.read().size();
        EXPECT_TRUE(streams.tend());
    }
    EXPECT_EQ(read, sent);
    EXPECT_EQ(line.last(StreamEvent::Credit), sent);
}

TEST_F(GatewayTest, AnAnswerComesWholeThoughTheServiceHasClosedAndItsClientSendsOn) {
    Client served = open();
    std::size_t answer = 0;
    for (std::size_t more = 1; more != 0; answer += more) {
        more = served.write(std::string(1000, 'a'));
        EXPECT_TRUE(streams.tend());
    }
    (void)served.close();
    EXPECT_TRUE(streams.tend());
    ASSERT_GT(answer, msg::guest_window) << "not all of it is with the host";
    std::uint32_t sent = 0, got = 0;
    for (int round = 0; round < 100 && line.count(StreamEvent::Close) == 0; ++round) {
        const std::string piece(1000, 'x');
        for (int i = 0; i < 2; ++i) {
            tell(StreamEvent::Data, sent, piece);
            sent += static_cast<std::uint32_t>(piece.size());
            EXPECT_EQ(line.last(StreamEvent::Credit), sent);
        }
        EXPECT_EQ(line.count(StreamEvent::Finish), 0u);
        got += static_cast<std::uint32_t>(line.data().size());
        // A slow reader: more is sent than rings have room for.
        if (sent > 4 * message::ring_size) tell(StreamEvent::Credit, got);
        got += static_cast<std::uint32_t>(line.data().size());
    }
    EXPECT_EQ(got, answer);
    EXPECT_EQ(line.last(StreamEvent::Finish), answer);
    EXPECT_EQ(line.last(StreamEvent::Close), 7u);
}

TEST_F(GatewayTest, WhatTheHostHasNotReadWaitsWithTheService) {
    Client served = open();
    std::size_t written = 0, got = 0;
    for (int i = 0; i < 100; ++i) {
        written += served.write(std::string(1000, 'y'));
        EXPECT_TRUE(streams.tend());
        got += line.data().size();
    }
    EXPECT_EQ(got, msg::guest_window);
    EXPECT_LT(written, 100'000u);
    tell(StreamEvent::Credit, msg::guest_window + 1);  // more than there was: no credit at all
    EXPECT_EQ(line.data(), "");
    tell(StreamEvent::Credit, 5000);
    EXPECT_EQ(line.data().size(), 5000u);
}

TEST_F(GatewayTest, ANumberIsUsedAgainAndALateCloseOfTheOneBeforeDoesNoHarm) {
    const Client listener = listen();
    tell(StreamEvent::Open, 7);
    tell(StreamEvent::Open, 8);
    EXPECT_EQ(streams.count(), 1u);
    tell(StreamEvent::Close, 7);
    EXPECT_EQ(line.last(StreamEvent::Close), 7u);
    EXPECT_EQ(streams.count(), 1u);
}

TEST_F(GatewayTest, EachOfItsChannelsIsUsedAndGivenBack) {
    const Client listener = listen();
    for (unsigned round = 0; round < 3; ++round) {
        for (unsigned i = 0; i < msg::max_gateway_streams; ++i) {
            tell(StreamEvent::Open, 100 * round + i, {}, i);
            (void)accept(listener).close();
        }
        EXPECT_TRUE(streams.tend());
        // The service has closed: its half has ended, and it takes nothing more.
        EXPECT_EQ(streams.count(), 0u);
    }
    EXPECT_EQ(line.count(StreamEvent::Open), 3 * msg::max_gateway_streams);
}

TEST(GatewayPlanTest, APlanThatIsCutOrNoneIsRefused) {
    const auto plan = plan_of({{.ipv4 = 1, .port = 2, .reserved = {}}});
    EXPECT_EQ(Plan::create(plan)->port(0)->port, 2u);
    EXPECT_FALSE(Plan::create(plan)->port(1));
    for (std::size_t size = 0; size < plan.size(); ++size) {
        EXPECT_FALSE(Plan::create(Bytes{plan}.first(size)));
    }
    auto other = plan;
    other[0] = std::byte{0};
    EXPECT_FALSE(Plan::create(other));
}

}  // namespace
}  // namespace kos::gateway
