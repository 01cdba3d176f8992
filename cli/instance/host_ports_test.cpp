// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/host_ports.hpp"

#include "cli/instance/test_target.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace kos::instance {
namespace {

using msg::StreamEvent;
using namespace std::chrono_literals;

constexpr std::uint8_t gateway = 3;

/// The number in "127.0.0.1:8080->80/tcp".
std::uint16_t port_in(const std::string& text) {
    return static_cast<std::uint16_t>(std::atoi(text.c_str() + text.rfind(':') + 1));
}

sys::UniqueFd connect_to(std::uint16_t port, int room = 1 << 16) {
    sys::UniqueFd client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return client;
}

/// The target in its place.
class HostPortsTest : public testing::Test {
   protected:
    void serve(const std::vector<PublishedPort>& wanted) {
        auto listening = HostPorts::listen(wanted);
        ASSERT_TRUE(listening.ok()) << to_string(listening.error());
        ports.emplace(std::move(*listening));
        ASSERT_TRUE(
            ports->serve(loop, line, gateway, [this](std::string_view text) { log += text; }).ok());
    }
    void turn() {
        do ports->tend();
        while (loop.run_once(5).value_or(false));
    }
    /// What is sent to the target now, and acknowledged.
    std::optional<SentPiece> due() {
        turn();
        const std::string frame = line.due(now);
        if (frame.empty()) return std::nullopt;
        const SentPiece piece = piece_in(frame);
        EXPECT_TRUE(acknowledge(line, piece, now));
        return piece;
    }
    void told(const SentPiece& of, StreamEvent event, std::uint32_t position,
              std::string_view data = {}) {
        tell(line, gateway, of.stream, event, position, data);
        turn();
    }
    std::uint16_t number(const std::string& service = "web") {
        return port_in(ports->of_service(service).at(0));
    }

    sys::EventLoop loop = sys::EventLoop::create().value();
    std::string log;
    GuestLine line{loop, [](std::uint8_t, std::string_view) {}};
    std::optional<HostPorts> ports;
    GuestLine::Clock::time_point now = GuestLine::Clock::now();
};

std::string read_all(const sys::UniqueFd& client, std::size_t most = 100) {
    std::string text(most, '\0');
    const ssize_t got = ::recv(client.get(), text.data(), text.size(), 0);
    return got < 0 ? std::strerror(errno) : text.substr(0, static_cast<std::size_t>(got));
}

TEST_F(HostPortsTest, APortWithoutANumberIsAnyAndOneThatIsTakenIsRefused) {
    serve({{.service = "web", .target = 80}});
    EXPECT_NE(number(), 0);
    EXPECT_EQ(ports->of_service("web").at(0), "127.0.0.1:" + std::to_string(number()) + "->80/tcp");
    const auto taken = HostPorts::listen(
        {{.service = "other", .first = number(), .last = number(), .target = 81}});
    ASSERT_FALSE(taken.ok());
    EXPECT_EQ(taken.error().code, ErrorCode::HostPort);
    EXPECT_EQ(taken.error().where, "127.0.0.1:" + std::to_string(number()));
    EXPECT_EQ(taken.error().detail, "for other: Address already in use");
}

TEST_F(HostPortsTest, OfARangeTheFirstFreeOneIsTaken) {
    serve({{.service = "web", .target = 80}});
    const std::uint16_t first = number();
    if (first > 65'500) GTEST_SKIP() << "the last ports of all";
    const auto next = HostPorts::listen({{.service = "next",
                                          .first = first,
                                          .last = static_cast<std::uint16_t>(first + 30),
                                          .target = 80}});
    ASSERT_TRUE(next.ok()) << to_string(next.error());
    EXPECT_GT(port_in(next->of_service("next").at(0)), first);
}

TEST_F(HostPortsTest, AnAddressThatIsNotThisMachinesIsRefused) {
    const auto wrong =
        HostPorts::listen({{.service = "web", .address = "192.0.2.1", .target = 80}});
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code, ErrorCode::HostPort);
}

TEST_F(HostPortsTest, AConnectionIsAStreamToItsPort) {
    serve({{.service = "db", .target = 5432, .number = 4},
           {.service = "web", .target = 80, .number = 9}});
    const sys::UniqueFd client = connect_to(number());
    const auto open = due();
    ASSERT_TRUE(open);
    EXPECT_EQ(open->event, StreamEvent::Open);
    EXPECT_EQ(open->app, gateway);
    EXPECT_EQ(open->port, 9u);
    told(*open, StreamEvent::Open, 0);
    ASSERT_EQ(::send(client.get(), "question", 8, 0), 8);
    EXPECT_EQ(due()->data, "question");
    // Half of it ends.
    ::shutdown(client.get(), SHUT_WR);
    const auto finish = due();
    EXPECT_EQ(finish->event, StreamEvent::Finish);
    EXPECT_EQ(finish->position, 8u);
    told(*open, StreamEvent::Data, 0, "answer");
    EXPECT_EQ(read_all(client), "answer") << "and nothing of our own before it";
    told(*open, StreamEvent::Finish, 6);
    told(*open, StreamEvent::Close, open->position);
    EXPECT_EQ(read_all(client), "");
    EXPECT_EQ(line.port_clients(), 0u);
}

TEST_F(HostPortsTest, WhereNobodyListensTheClientIsReset) {
    serve({{.service = "web", .target = 80}});
    const sys::UniqueFd client = connect_to(number());
    const auto open = due();
    ASSERT_TRUE(open);
    told(*open, StreamEvent::Close, open->position);
    EXPECT_EQ(read_all(client), "Connection reset by peer");
}

TEST_F(HostPortsTest, AStreamThatBreaksOffIsResetBehindItsBytes) {
    serve({{.service = "web", .target = 80}});
    const sys::UniqueFd client = connect_to(number());
    const auto open = due();
    told(*open, StreamEvent::Open, 0);
    told(*open, StreamEvent::Data, 0, "half of it");
    EXPECT_EQ(read_all(client), "half of it");
    told(*open, StreamEvent::Close, open->position);
    EXPECT_EQ(read_all(client), "Connection reset by peer");
}

TEST_F(HostPortsTest, AnAnswerArrivesWholeThoughItsClientSendsOn) {
    serve({{.service = "web", .target = 80}});
    const sys::UniqueFd client = connect_to(number(), 2048);
    const auto open = due();
    told(*open, StreamEvent::Open, 0);
    const std::string question(4096, 'q'), answer(12'000, 'a');
    while (::send(client.get(), question.data(), question.size(), MSG_DONTWAIT) > 0) {
    }
    told(*open, StreamEvent::Data, 0, answer);
    told(*open, StreamEvent::Finish, 12'000);
    told(*open, StreamEvent::Close, open->position);
    EXPECT_EQ(line.port_clients(), 1u);
    std::string got;
    for (std::string part = "?"; !part.empty(); got += part) {
        EXPECT_FALSE(due());
        part = read_all(client, 4096);
    }
    EXPECT_TRUE(got == answer) << got.size() << " bytes";
    EXPECT_FALSE(due());
    EXPECT_EQ(line.port_clients(), 0u);
    // Nobody reads what comes now.
    bool is_reset = false;
    for (int i = 0; !is_reset && i < 1000; ++i) {
        is_reset = ::send(client.get(), "q", 1, MSG_NOSIGNAL) < 0;
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_TRUE(is_reset);
}

TEST_F(HostPortsTest, AnAnswerArrivesWholeThoughItsClientSentMoreThanIsTakenAndFinished) {
    serve({{.service = "web", .target = 80}});
    const sys::UniqueFd client = connect_to(number(), 2048);
    const auto open = due();
    told(*open, StreamEvent::Open, 0);
    const std::string question(50'000, 'q'), answer(12'000, 'a');
    ASSERT_EQ(::send(client.get(), question.data(), question.size(), 0), 50'000);
    ::shutdown(client.get(), SHUT_WR);
    // No turn of the loop between: the end of both comes at once.
    tell(line, gateway, open->stream, StreamEvent::Data, 0, answer);
    tell(line, gateway, open->stream, StreamEvent::Finish, 12'000);
    tell(line, gateway, open->stream, StreamEvent::Close, open->position);
    std::string got;
    for (std::string part = "?"; !part.empty(); got += part) {
        EXPECT_FALSE(due());
        part = read_all(client, 4096);
    }
    EXPECT_TRUE(got == answer) << got.size() << " bytes";
    EXPECT_FALSE(due());
    EXPECT_EQ(line.port_clients(), 0u);
}

/// Both ends have finished, and the client has not read its answer.
class UnreadAnswerTest : public HostPortsTest {
   protected:
    void SetUp() override {
        serve({{.service = "web", .target = 80}});
        client = connect_to(number(), 2048);
        const auto open = due();
        told(*open, StreamEvent::Open, 0);
        ::shutdown(client.get(), SHUT_WR);
        EXPECT_EQ(due()->event, StreamEvent::Finish);
        told(*open, StreamEvent::Data, 0, std::string(12'000, 'a'));
        told(*open, StreamEvent::Finish, 12'000);
        told(*open, StreamEvent::Close, open->position);
        EXPECT_FALSE(due());
        EXPECT_EQ(line.port_clients(), 1u);
    }

    sys::UniqueFd client;
};

TEST_F(UnreadAnswerTest, AClientThatIsGoneLeavesItsPlace) {
    client.reset();
    for (int i = 0; line.port_clients() != 0 && i < 1000; ++i) EXPECT_FALSE(due());
    EXPECT_EQ(line.port_clients(), 0u);
}

TEST_F(UnreadAnswerTest, AClientThatReadsNothingIsGivenUpAtLast) {
    now += LineClient::patience - 1s;
    EXPECT_FALSE(due());
    EXPECT_EQ(line.port_clients(), 1u);
    // Patience begins anew where the kernel has brought it more meanwhile.
    for (int i = 0; line.port_clients() != 0 && i < 3; ++i) {
        now += LineClient::patience + 1s;
        EXPECT_FALSE(due());
    }
    EXPECT_EQ(line.port_clients(), 0u);
}

TEST_F(HostPortsTest, AGatewayThatIsGoneResetsItsClients) {
    serve({{.service = "web", .target = 80}});
    const sys::UniqueFd client = connect_to(number());
    told(*due(), StreamEvent::Open, 0);
    line.app_over(gateway);
    EXPECT_EQ(read_all(client), "Connection reset by peer");
}

TEST_F(HostPortsTest, MoreConnectionsThanThereArePlacesWait) {
    serve({{.service = "web", .target = 80}});
    std::vector<sys::UniqueFd> clients;
    for (std::size_t i = 0; i < HostPorts::places + 10; ++i)
        clients.push_back(connect_to(number()));
    turn();
    EXPECT_EQ(line.port_clients(), HostPorts::places);
    std::vector<SentPiece> open;
    while (const auto piece = due()) open.push_back(*piece);
    EXPECT_EQ(open.size(), HostPorts::places);
    for (const SentPiece& piece : open) told(piece, StreamEvent::Close, piece.position);
    ports->tend();
    turn();
    EXPECT_EQ(line.port_clients(), 10u);
    // Guests have room of their own.
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    line.connect(1, sys::UniqueFd{ends[0]});
    const sys::UniqueFd guest{ends[1]};
    bool is_asked = false;
    while (const auto piece = due()) is_asked |= piece->app == 1;
    EXPECT_TRUE(is_asked);
}

TEST_F(HostPortsTest, IdleClientsOfOnePortLeaveEachOtherPortAPlace) {
    serve({{.service = "busy", .target = 80, .number = 0},
           {.service = "busy", .target = 80, .number = 0},  // at another port of the host
           {.service = "web", .target = 80, .number = 1}});
    std::vector<sys::UniqueFd> idle;
    for (std::size_t i = 0; i < 100; ++i) idle.push_back(connect_to(number("busy")));
    turn();
    EXPECT_EQ(line.port_clients(), HostPorts::places - 2);
    while (const auto piece = due()) told(*piece, StreamEvent::Open, 0);
    // Connection by connection, as often as one likes.
    for (int round = 0; round < 3; ++round) {
        const sys::UniqueFd client = connect_to(number("web"));
        const auto open = due();
        ASSERT_TRUE(open);
        EXPECT_EQ(open->port, 1u);
        told(*open, StreamEvent::Open, 0);
        told(*open, StreamEvent::Data, 0, "served");
        EXPECT_EQ(read_all(client), "served");
        told(*open, StreamEvent::Close, open->position);
        EXPECT_EQ(line.port_clients(), HostPorts::places - 2);
    }
    const sys::UniqueFd other = connect_to(port_in(ports->of_service("busy").at(1)));
    EXPECT_TRUE(due());
}

TEST_F(HostPortsTest, WithMorePortsThanPlacesNoneHasTwoWhileAnotherHasNone) {
    std::vector<PublishedPort> wanted;
    for (std::uint16_t i = 0; i < HostPorts::places + 4; ++i) {
        wanted.push_back({.service = std::to_string(i), .target = 80, .number = i});
    }
    serve(wanted);
    std::vector<sys::UniqueFd> clients;
    for (int i = 0; i < 30; ++i) clients.push_back(connect_to(number("0")));
    turn();
    EXPECT_EQ(line.port_clients(), 1u);
    for (std::size_t i = 1; i < HostPorts::places; ++i) {
        clients.push_back(connect_to(number(std::to_string(i))));
    }
    turn();
    EXPECT_EQ(line.port_clients(), HostPorts::places);
}

}  // namespace
}  // namespace kos::instance
