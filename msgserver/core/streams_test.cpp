// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/test_server.hpp"

#include <gtest/gtest.h>

namespace kos::msgserver::testing {
namespace {

namespace flag = message::channel_flag;
constexpr std::uint32_t loopback = 0x7f00'0001;

struct StreamsTest : ::testing::Test {
    TestServer server{three_apps()};
    Client listener = Client::stream(server, 0);

    void SetUp() override {
        EXPECT_EQ(server.call(0, Call::Listen, listener.number(), 0, 80, 8).words[0], 80u);
    }
    Errno connect(Client& client, std::uint32_t member, std::uint32_t address, std::uint64_t port) {
        return server.call(member, Call::Connect, client.number(), address, port).error;
    }
    Client accept() {
        const CallAnswer accepted = server.call(0, Call::Accept, listener.number());
        EXPECT_EQ(accepted.error, Errno::Ok);
        return {server, 0, static_cast<std::uint32_t>(accepted.words[0])};
    }
};

TEST_F(StreamsTest, AConnectionCarriesBytesBothWaysAndEndsHalfByHalf) {
    Client client = Client::stream(server, 1);
    const CallAnswer connected = server.call(1, Call::Connect, client.number(), server_address, 80);
    EXPECT_EQ(connected.words[0], client_address);
    EXPECT_TRUE(listener.has(flag::acceptable));
    client.write("before it is accepted");
    const CallAnswer accepted = server.call(0, Call::Accept, listener.number());
    EXPECT_EQ(accepted.words[1], client_address);
    EXPECT_EQ(accepted.words[2], connected.words[1]);
    EXPECT_EQ(accepted.words[3], server_address);
    EXPECT_FALSE(listener.has(flag::acceptable));
    Client served{server, 0, static_cast<std::uint32_t>(accepted.words[0])};
    EXPECT_EQ(served.read(), "before it is accepted");
    EXPECT_EQ(server.call(1, Call::ShutDown, client.number()).error, Errno::Ok);
    EXPECT_TRUE(served.has(flag::end_of_input));
    served.write("answer");
    EXPECT_EQ(client.read(), "answer");
    EXPECT_FALSE(client.has(flag::end_of_input));
    served.close();
    EXPECT_TRUE(client.has(flag::end_of_input));
    EXPECT_TRUE(client.has(flag::no_output));
    EXPECT_EQ(client.close(), Errno::Ok);
}

TEST_F(StreamsTest, OnlyAppsOnTheNetworkConnect) {
    Client stranger = Client::stream(server, 2);
    EXPECT_EQ(server.call(2, Call::Connect, stranger.number(), server_address, 80, 1).error,
              Errno::NetworkUnreachable);
    EXPECT_TRUE(server.log.empty());  // another message server may know the address
    EXPECT_EQ(connect(stranger, 2, server_address, 80), Errno::NetworkUnreachable);
    EXPECT_EQ(server.log.size(), 1u);
    for (std::uint32_t address = 0x0a00'0000; address < 0x0a00'0100; ++address) {
        EXPECT_EQ(connect(stranger, 2, address, 80), Errno::NetworkUnreachable);
    }
    // Loopback is libos's own.
    EXPECT_EQ(connect(stranger, 2, loopback, 80), Errno::NetworkUnreachable);
    EXPECT_FALSE(listener.has(flag::acceptable));
    Client client = Client::stream(server, 1);
    EXPECT_EQ(connect(client, 1, server_address, 81), Errno::Refused);
    EXPECT_EQ(connect(client, 1, client_address, 80), Errno::Refused);
    EXPECT_EQ(connect(client, 1, server_address, 80), Errno::Ok);
    EXPECT_EQ(connect(client, 1, server_address, 80), Errno::Connected);
}

TEST_F(StreamsTest, AnAppWithoutAFreeChannelCannotAcceptWhatItClosedItself) {
    Client client = Client::stream(server, 0);
    EXPECT_EQ(connect(client, 0, server_address, 80), Errno::Ok);
    client.write("me");
    client.close();
    std::vector<Client> others;
    while (others.size() + 2 < message::channels_of_an_app) {
        others.push_back(Client::stream(server, 0));
    }
    EXPECT_EQ(server.call(0, Call::Accept, listener.number()).error, Errno::Again);
    EXPECT_FALSE(listener.has(flag::acceptable));
    Client remote = Client::stream(server, 1);
    EXPECT_EQ(connect(remote, 1, server_address, 80), Errno::Ok);
    remote.write("you");
    EXPECT_EQ(accept().read(), "you");
}

TEST_F(StreamsTest, PortsAreTakenOnceAndAnyPortIsAFreeOne) {
    Client second = Client::stream(server, 0);
    EXPECT_EQ(server.call(0, Call::Listen, second.number(), 0, 80, 1).error, Errno::AddressInUse);
    EXPECT_EQ(server.call(0, Call::Listen, second.number(), 0x0a000009, 81, 1).error,
              Errno::AddressNotAvailable);
    EXPECT_EQ(server.call(0, Call::Listen, second.number(), 0, 70000, 1).error, Errno::Invalid);
    const CallAnswer any = server.call(0, Call::Listen, second.number(), 0, 0, 1);
    EXPECT_GE(any.words[0], 32768u);
    Client other = Client::stream(server, 1);
    EXPECT_EQ(server.call(1, Call::Listen, other.number(), 0, 80, 1).error, Errno::Ok)
        << "another app has ports of its own";
    EXPECT_EQ(server.provided.front(), "0: 80");
    EXPECT_EQ(server.provided.back(), "1: 80");
}

TEST_F(StreamsTest, NoMoreWaitThanTheBacklogAndTheFirstIsTheFirst) {
    server.call(0, Call::Listen, listener.number(), 0, 80, 2);
    std::vector<Client> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(Client::stream(server, 1));
    EXPECT_EQ(connect(clients[1], 1, server_address, 80), Errno::Ok);
    EXPECT_EQ(connect(clients[0], 1, server_address, 80), Errno::Ok);
    EXPECT_EQ(connect(clients[2], 1, server_address, 80), Errno::Refused);
    clients[1].write("first");
    EXPECT_EQ(accept().read(), "first");
    EXPECT_EQ(connect(clients[2], 1, server_address, 80), Errno::Ok);
    listener.close();
    EXPECT_TRUE(clients[0].has(flag::reset));
    EXPECT_TRUE(clients[2].has(flag::reset));
    EXPECT_FALSE(clients[1].has(flag::reset));
}

TEST_F(StreamsTest, AReaderThatIsStuckHoldsUpItsOwnConnectionsOnly) {
    Client a = Client::stream(server, 1), b = Client::stream(server, 1);
    connect(a, 1, server_address, 80);
    connect(b, 1, server_address, 80);
    Client at_a = accept(), at_b = accept();
    const std::string block(1000, 'b');
    std::size_t written = 0;
    while (const std::size_t count = a.write(block)) written += count;
    EXPECT_EQ(written, 2 * message::ring_size);
    b.write("passes");
    EXPECT_EQ(at_b.read(), "passes");
    std::size_t read = 0;
    while (const std::size_t count = at_a.read(777).size()) read += count;
    EXPECT_EQ(read, written);
    EXPECT_EQ(a.write(block), 1000u);
}

TEST_F(StreamsTest, WhatWasWrittenBeforeTheCloseIsDelivered) {
    Client client = Client::stream(server, 1);
    connect(client, 1, server_address, 80);
    Client served = accept();
    std::string sent;
    for (int i = 0; i < 16; ++i) {
        sent += std::string(1000, static_cast<char>('a' + i));
        client.write(std::string(1000, static_cast<char>('a' + i)));
    }
    client.close();
    EXPECT_EQ(server.call(1, Call::Kick, client.number()).error, Errno::BadFile);
    EXPECT_TRUE(served.has(flag::no_output));
    EXPECT_FALSE(served.has(flag::end_of_input));
    std::string received;
    for (std::string part; !(part = served.read(500)).empty();) received += part;
    EXPECT_EQ(received, sent);
    EXPECT_TRUE(served.has(flag::end_of_input));
    EXPECT_EQ(server.engine.members()[1].channels[client.number()].kind, ChannelKind::Free);
}

TEST_F(StreamsTest, WhatWasWrittenAndClosedBeforeTheAcceptIsDelivered) {
    Client client = Client::stream(server, 1);
    connect(client, 1, server_address, 80);
    client.write("short-lived");
    client.close();
    Client served = accept();
    EXPECT_EQ(served.read(), "short-lived");
    EXPECT_TRUE(served.has(flag::end_of_input));
    EXPECT_TRUE(served.has(flag::no_output));
    served.close();
}

TEST_F(StreamsTest, AnAppThatEndsClosesItsConnectionsAndWhatArrivedStays) {
    Client client = Client::stream(server, 1);
    connect(client, 1, server_address, 80);
    Client served = accept();
    client.write("last words");
    server.engine.set_state(1, 1, false);
    EXPECT_EQ(served.read(), "last words");
    EXPECT_TRUE(served.has(flag::end_of_input));
    EXPECT_TRUE(served.has(flag::no_output));
    EXPECT_FALSE(served.has(flag::reset));
    served.close();
    for (const ChannelState& state : server.engine.members()[1].channels) {
        EXPECT_EQ(state.kind, ChannelKind::Free);
    }
    EXPECT_EQ(server.call(1, Call::OpenStream).error, Errno::BadFile);
}

TEST_F(StreamsTest, WhatAnEndedAppWroteIsDeliveredUntilItStartsAgain) {
    for (const bool starts_again : {false, true}) {
        Client client = Client::stream(server, 1);
        connect(client, 1, server_address, 80);
        Client served = accept();
        std::string written;
        while (const auto count = client.write(std::string(1000, 'x'))) written.append(count, 'x');
        EXPECT_GT(written.size(), message::ring_size) << "more than the peer's ring holds";
        const std::uint32_t starts = server.engine.members()[1].generation;
        server.engine.set_state(1, starts, false);
        EXPECT_FALSE(served.has(flag::end_of_input));
        if (starts_again) server.engine.set_state(1, starts + 1, true);
        std::string read;
        for (std::string part; !(part = served.read(1000)).empty();) read += part;
        EXPECT_EQ(read.size(), starts_again ? message::ring_size : written.size());
        EXPECT_EQ(served.has(flag::reset), starts_again);
        EXPECT_TRUE(served.has(flag::end_of_input));
        EXPECT_EQ(served.close(), Errno::Ok);
        for (const ChannelState& state : server.engine.members()[1].channels) {
            EXPECT_EQ(state.kind, ChannelKind::Free);
        }
        server.engine.set_state(1, starts + 2, true);
    }
}

TEST_F(StreamsTest, ChannelsThatAStuckPeerKeepsFromClosingAreGivenUpForNewOnes) {
    for (std::uint32_t i = 0; i < 3 * message::channels_of_an_app; ++i) {
        Client client = Client::stream(server, 1);
        if (connect(client, 1, server_address, 80) == Errno::Ok) {
            while (client.write(std::string(1000, 'x')) > 0) {
            }
        }
        client.close();
    }
    EXPECT_EQ(server.call(1, Call::OpenStream).error, Errno::Ok);
}

}  // namespace
}  // namespace kos::msgserver::testing
