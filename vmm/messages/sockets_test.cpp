// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/messages/testing/test_guest.hpp"

#include <gtest/gtest.h>

namespace kos::vmm::testing {
namespace {

using message::ConnectBody;
using message::ListenBody;
using msgserver::CallAnswer;
using msgserver::Errno;
using msgserver::testing::stranger_address;
using msgserver::testing::three_apps;
namespace flag = message::channel_flag;

std::string connect_body(std::uint32_t address, std::uint16_t port) {
    return body_of(ConnectBody{address, port});
}
std::string listen_body(std::uint32_t address, std::uint16_t port, std::uint16_t backlog = 8) {
    return body_of(ListenBody{address, port, backlog});
}

struct SocketsTest : ::testing::Test {
    TestServer server{three_apps()};
    TestGuest guest{server};

    /// The server app listens on port 80.
    Client listen() {
        Client listener = Client::stream(server, 0);
        EXPECT_EQ(server.call(0, message::Call::Listen, listener.number(), 0, 80, 8).error,
                  Errno::Ok);
        return listener;
    }
    Client accept(Client& listener) {
        const CallAnswer accepted = server.call(0, message::Call::Accept, listener.number());
        EXPECT_EQ(accepted.error, Errno::Ok);
        return {server, 0, static_cast<std::uint32_t>(accepted.words[0])};
    }
    /// A connection of the server app to the guest's port.
    Client connect(std::uint16_t port) {
        Client client = Client::stream(server, 0);
        EXPECT_EQ(
            server.call(0, message::Call::Connect, client.number(), client_address, port).error,
            Errno::Ok);
        return client;
    }
};

TEST_F(SocketsTest, AConnectedStreamCarriesBytesAndEndsHalfByHalf) {
    Client listener = listen();
    const StreamNumber stream = guest.open();
    const Received answer = guest.ask(stream, Opcode::Connect, connect_body(server_address, 80));
    ASSERT_EQ(answer.status, Status::Ok);
    EXPECT_EQ(answer.id, 7u);
    EXPECT_EQ(read_at<message::ConnectAnswer>(as_bytes(answer.body), 0)->own_address,
              client_address);
    Client served = accept(listener);
    guest.write(stream, "question");
    EXPECT_EQ(served.read(), "question");
    guest.finish(stream, true, false);
    EXPECT_TRUE(served.has(flag::end_of_input));
    served.write("answer");
    EXPECT_EQ(guest.read(stream), "answer");
    EXPECT_FALSE(guest[stream].is_closed);
    (void)served.close();
    guest.tend();
    EXPECT_TRUE(guest[stream].is_closed);
    guest.end(stream);
    EXPECT_EQ(guest.bridge.streams(), 0u);
}

TEST_F(SocketsTest, ThePeersHalfEndsFirst) {
    Client listener = listen();
    const StreamNumber stream = guest.open();
    guest.ask(stream, Opcode::Connect, connect_body(server_address, 80));
    Client served = accept(listener);
    served.write("all there is");
    (void)server.call(0, message::Call::ShutDown, served.number());
    EXPECT_EQ(guest.read(stream), "all there is");
    EXPECT_TRUE(guest[stream].is_finished);
    EXPECT_FALSE(guest[stream].is_closed);
    guest.write(stream, "thanks");
    EXPECT_EQ(served.read(), "thanks");
    guest.finish(stream, true, false);
    EXPECT_TRUE(guest[stream].is_closed);
    EXPECT_TRUE(served.has(flag::end_of_input));
}

TEST_F(SocketsTest, RefusalsLeaveTheConnectionAsItWas) {
    const StreamNumber stream = guest.open();
    EXPECT_EQ(guest.ask(stream, Opcode::Connect, connect_body(server_address, 80)).status,
              Status::Refused);
    EXPECT_EQ(guest.ask(stream, Opcode::Connect, connect_body(stranger_address, 80)).status,
              Status::Unreachable);
    EXPECT_EQ(guest.ask(stream, Opcode::Listen, listen_body(server_address, 80)).status,
              Status::NotAvailable);
    EXPECT_EQ(guest.ask(stream, Opcode::Accept, std::string(16, 'x')).status, Status::NotFound);
    EXPECT_EQ(guest.ask(stream, Opcode::Connect, "abc").status, Status::Malformed);
    Client listener = listen();
    EXPECT_EQ(guest.ask(stream, Opcode::Connect, connect_body(server_address, 80)).status,
              Status::Ok);
}

TEST_F(SocketsTest, ASessionKnowsNoneOfThem) {
    const StreamNumber session = guest.open();
    guest.ask(session, Opcode::Hello, body_of(Le32{1u}));
    EXPECT_EQ(guest.ask(session, Opcode::Connect, connect_body(server_address, 80)).status,
              Status::UnknownOpcode);
}

TEST_F(SocketsTest, AskingBeforeTheAnswerIsReadEndsTheConnection) {
    const StreamNumber stream = guest.open();
    guest[stream].room = 0;
    guest.send(stream, Opcode::Connect, connect_body(server_address, 80));
    EXPECT_FALSE(guest[stream].is_reset);
    guest.send(stream, Opcode::Connect, connect_body(server_address, 80));
    EXPECT_TRUE(guest[stream].is_reset);
}

TEST_F(SocketsTest, AListenerTellsOfConnectionsAndTicketsTakeThem) {
    const StreamNumber listener = guest.open();
    const Received answer = guest.ask(listener, Opcode::Listen, listen_body(0, 8080));
    ASSERT_EQ(answer.status, Status::Ok);
    EXPECT_EQ(read_at<message::ListenAnswer>(as_bytes(answer.body), 0)->port, 8080);
    Client client = connect(8080);
    client.write("early");
    const auto event = guest.receive(listener);
    ASSERT_TRUE(event && event->is(Opcode::Incoming));
    const auto body = *read_at<message::IncomingBody>(as_bytes(event->body), 0);
    EXPECT_EQ(body.peer_address, server_address);
    EXPECT_EQ(body.own_address, client_address);
    const StreamNumber stream = guest.open();
    EXPECT_EQ(guest.ask(stream, Opcode::Accept, body_of(body.ticket)).status, Status::Ok);
    EXPECT_EQ(guest.read(stream), "early");
    guest.write(stream, "hello");
    EXPECT_EQ(client.read(), "hello");
    EXPECT_EQ(guest.ask(guest.open(), Opcode::Accept, body_of(body.ticket)).status,
              Status::NotFound)
        << "it is good once";
}

TEST_F(SocketsTest, AnyPortIsGivenAndNoneTwice) {
    const Received any = guest.ask(guest.open(), Opcode::Listen, listen_body(0, 0));
    ASSERT_EQ(any.status, Status::Ok);
    const std::uint16_t port = read_at<message::ListenAnswer>(as_bytes(any.body), 0)->port;
    EXPECT_NE(port, 0);
    EXPECT_EQ(guest.ask(guest.open(), Opcode::Listen, listen_body(0, port)).status, Status::InUse);
}

TEST_F(SocketsTest, OnlyFewAreToldBeforeTheyAreTakenInTheirOrder) {
    const StreamNumber listener = guest.open();
    guest.ask(listener, Opcode::Listen, listen_body(0, 8080));
    std::vector<Client> clients;
    std::vector<std::uint16_t> ports;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(connect(8080));
        clients.back().write(std::to_string(i));
    }
    std::vector<message::Token> tickets;
    const auto collect = [&] {
        while (const auto event = guest.receive(listener)) {
            tickets.push_back(read_at<message::IncomingBody>(as_bytes(event->body), 0)->ticket);
        }
    };
    collect();
    EXPECT_EQ(tickets.size(), 4u);
    for (std::size_t i = 0; i < 6; ++i) {
        const StreamNumber stream = guest.open();
        ASSERT_LT(i, tickets.size());
        EXPECT_EQ(guest.ask(stream, Opcode::Accept, body_of(tickets[i])).status, Status::Ok);
        EXPECT_EQ(guest.read(stream), std::to_string(i));
        collect();
    }
}

TEST_F(SocketsTest, AClosedListenerRefusesAndEndsWhatWasNotTaken) {
    const StreamNumber listener = guest.open();
    guest.ask(listener, Opcode::Listen, listen_body(0, 8080));
    Client client = connect(8080);
    const auto event = guest.receive(listener);
    ASSERT_TRUE(event.has_value());
    guest.end(listener);
    EXPECT_TRUE(client.has(flag::end_of_input));
    EXPECT_EQ(guest.ask(guest.open(), Opcode::Accept, event->body.substr(0, 16)).status,
              Status::NotFound);
    Client late = Client::stream(server, 0);
    EXPECT_EQ(server.call(0, message::Call::Connect, late.number(), client_address, 8080).error,
              Errno::Refused);
}

TEST_F(SocketsTest, AListenerHasNothingToSay) {
    const StreamNumber listener = guest.open();
    guest.ask(listener, Opcode::Listen, listen_body(0, 8080));
    guest.write(listener, "x");
    EXPECT_TRUE(guest[listener].is_reset);
}

TEST_F(SocketsTest, APeersDeathEndsItsStreamsBehindItsLastWords) {
    Client listener = listen();
    const StreamNumber stream = guest.open();
    guest.ask(stream, Opcode::Connect, connect_body(server_address, 80));
    Client served = accept(listener);
    served.write("last words");
    server.engine.set_state(0, 1, false);
    EXPECT_EQ(guest.read(stream), "last words");
    EXPECT_TRUE(guest[stream].is_closed);
}

TEST_F(SocketsTest, APeerThatStartsAnewBeforeItsBytesArriveIsAReset) {
    Client listener = listen();
    const StreamNumber stream = guest.open();
    guest.ask(stream, Opcode::Connect, connect_body(server_address, 80));
    Client served = accept(listener);
    guest[stream].room = 0;
    for (int i = 0; i < 3; ++i) served.write(std::string(message::ring_size, 'x'));
    server.engine.set_state(0, 1, false);
    server.engine.set_state(0, 2, true);
    guest[stream].room = 1u << 20;
    EXPECT_EQ(guest.read(stream).size(), message::ring_size);
    EXPECT_TRUE(guest[stream].is_reset);
    EXPECT_EQ(guest.bridge.streams(), 0u);
}

TEST_F(SocketsTest, ALongStreamComesThroughWholeWithLittleRoomEachWay) {
    Client listener = listen();
    const StreamNumber stream = guest.open();
    guest.ask(stream, Opcode::Connect, connect_body(server_address, 80));
    Client served = accept(listener);
    std::string out, in, echoed;
    for (int i = 0; i < 20000; ++i) out += std::to_string(i);
    std::size_t sent = 0;
    while (in.size() < out.size()) {
        sent += guest.write(stream, std::string_view{out}.substr(sent, 3000));
        const std::string part = served.read(777);
        echoed += part;
        while (!echoed.empty()) {
            const std::size_t count = served.write(echoed);
            if (count == 0) break;
            echoed.erase(0, count);
        }
        guest[stream].room = 555;
        in += guest.read(stream);
    }
    EXPECT_EQ(in, out);
}

/// A guest with two message servers, each with apps of the same addresses but for the second's.
struct TwoServersTest : SocketsTest {
    TestServer other{three_apps()};
    TestGuest both{std::vector<TestServer*>{&server, &other}};

    /// All channels that the guest's app has at the first one.
    void use_up_the_first() {
        while (server.call(1, message::Call::OpenStream).error == Errno::Ok) continue;
    }
};

TEST_F(TwoServersTest, AFullNetworkKeepsTheGuestOffNoOther) {
    Client listener = Client::stream(other, 0);
    EXPECT_EQ(other.call(0, message::Call::Listen, listener.number(), 0, 80, 8).error, Errno::Ok);
    use_up_the_first();
    EXPECT_EQ(both.ask(both.open(), Opcode::Connect, connect_body(server_address, 80)).status,
              Status::Ok);
    EXPECT_EQ(both.ask(both.open(), Opcode::Listen, listen_body(client_address, 81)).status,
              Status::Ok);
    EXPECT_EQ(both.ask(both.open(), Opcode::Connect, connect_body(0x0a00'00fe, 80)).status,
              Status::Limit);
}

TEST_F(TwoServersTest, AFloodAtOneNetworkLeavesThePeersOfAnotherTheirTurn) {
    const StreamNumber stream = both.open();
    ASSERT_EQ(both.ask(stream, Opcode::Listen, listen_body(0, 80)).status, Status::Ok);
    for (int i = 0; i < 8; ++i) connect(80);
    both.tend();
    Client late = Client::stream(other, 0);
    ASSERT_EQ(other.call(0, message::Call::Connect, late.number(), client_address, 80).error,
              Errno::Ok);
    int told = 0;
    while (both.receive(stream)) ++told;
    EXPECT_EQ(told, 5);
}

}  // namespace
}  // namespace kos::vmm::testing
