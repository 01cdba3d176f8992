// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages through the socket of a message server, with lanes and without: a program sees no
// difference.
#include "libos/testing/app.hpp"
#include "libos/testing/servers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <utility>

namespace kos::libos {
namespace {

using namespace testing;
namespace server = kos::msgserver::testing;
using message::Opcode;
using message::Status;
using server::Received;
using server::text_of;

constexpr Word unix = 1, packets = 5, peek = 2, do_not_wait = 0x40;

std::string number_of(std::uint32_t value) { return std::string{as_text(bytes_of(Le32{value}))}; }

struct SessionTest : ::testing::Test {
    Servers servers;
    App app{small_root(), {}, 2};
    server::TestServer& first = servers.all[0];
    server::Client peer = server::Client::session(first, 0);
    Word socket = 0;
    std::uint32_t next_id = 100;
    std::array<char, 8192> buffer{};
    std::vector<Received> events;

    SessionTest() {
        app.manager.message_servers = &servers;
        socket = app.must_call(number::socket, {unix, packets, 0});
        const PathAddress to;
        app.must_call(number::connect, {socket, address_of(&to), sizeof to});
        peer.ask(Opcode::Publish, "temperature");
    }
    Answer write(Opcode opcode, std::string_view body, std::uint32_t id) {
        message::PayloadWriter writer{opcode, id};
        const std::string payload{as_text(writer.bytes(as_bytes(body)).payload())};
        return app.call(number::sendto,
                        {socket, address_of(payload.data()), payload.size(), do_not_wait, 0, 0});
    }
    std::optional<Received> read(Word flags = do_not_wait, Word most = 8192) {
        const Answer size =
            app.call(number::recvfrom, {socket, address_of(buffer.data()), most, flags, 0, 0});
        if (!size.ok()) return std::nullopt;
        const std::string_view payload{buffer.data(), size.value()};
        const auto head = *read_at<message::Head>(as_bytes(payload), 0);
        return Received{head.opcode, static_cast<Status>(std::uint16_t{head.status}), head.id,
                        std::string{payload.substr(sizeof head)}};
    }
    /// A request and its answer; events in between are kept.
    Received ask(Opcode opcode, std::string_view body) {
        const std::uint32_t id = next_id++;
        EXPECT_TRUE(write(opcode, body, id).ok());
        while (const auto received = read()) {
            if (received->id == id) return *received;
            events.push_back(*received);
        }
        ADD_FAILURE() << "no answer";
        return {};
    }
    std::optional<Received> event() {
        if (events.empty()) return read();
        const Received one = events.front();
        events.erase(events.begin());
        return one;
    }
    std::string request() {
        const std::string token = text_of(ask(Opcode::Request, "temperature").token());
        const auto granted = peer.event();
        EXPECT_TRUE(granted && granted->is(Opcode::Granted));
        return token;
    }
    std::string with_lane() {
        std::string token = request();
        for (int i = 0; i < 130; ++i) {
            EXPECT_EQ(ask(Opcode::Send, token + "m").status, Status::Ok);
            EXPECT_EQ(peer.event()->rest(), "m");
        }
        EXPECT_TRUE(peer.place_of(token));
        return token;
    }
    message::TokenPlace& own_place(const std::string& token) {
        for (message::TokenPlace& one : first.board(1).places) {
            if (one.lane != 0 && std::memcmp(one.token, token.data(), 16) == 0) return one;
        }
        throw std::runtime_error("no lane");
    }
    std::uint16_t polled(std::uint16_t wanted = 5) {
        abi::PollEntry entry{static_cast<int>(socket), wanted, 0};
        const abi::TimeSpec at_once{};
        app.must_call(number::ppoll, {address_of(&entry), 1, address_of(&at_once), 0, 0});
        return entry.returned;
    }
};

TEST_F(SessionTest, ATokenWithALaneNeedsNoServer) {
    const std::string token = with_lane();
    const std::uint32_t sent = first.board(1).channels[0].from_tail;
    peer.lane_at(*peer.place_of(token)).arm(2);
    EXPECT_EQ(ask(Opcode::Send, token + "straight").status, Status::Ok);
    ASSERT_EQ(servers.signalled.size(), 1u);
    EXPECT_EQ(std::get<2>(servers.signalled[0]), 2u);
    EXPECT_EQ(peer.event()->rest(), "straight");
    EXPECT_EQ(ask(Opcode::Send, token + std::string(4096, 'x')).status, Status::Ok);
    EXPECT_EQ(servers.signalled.size(), 1u) << "nobody sleeps";
    EXPECT_EQ(peer.event()->rest(), std::string(4096, 'x'));
    EXPECT_EQ(first.board(1).channels[0].from_tail, sent);
    EXPECT_EQ(polled(), abi::PollEntry::out);
    peer.send(Opcode::Send, token + "and back");
    EXPECT_EQ(polled(), abi::PollEntry::in | abi::PollEntry::out);
    EXPECT_EQ(read(peek | do_not_wait)->rest(), "and back");
    EXPECT_EQ(read()->rest(), "and back");
    EXPECT_FALSE(read());
}

TEST_F(SessionTest, ThreadsThatTheAppCannotSignalTheServerWakes) {
    const std::string token = with_lane();
    peer.lane_at(*peer.place_of(token)).arm(9);
    first.woken.clear();
    ask(Opcode::Send, token + "x");
    EXPECT_EQ(first.woken, (decltype(first.woken){{0, 9}}));
}

TEST_F(SessionTest, AnswersKeepTheOrderOfRequestsHoweverTheyGo) {
    const std::string token = with_lane();
    constexpr std::uint32_t count = 200;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (i % 7 == 3) {
            ASSERT_TRUE(write(Opcode::Query, number_of(0), i).ok());
        } else {
            ASSERT_TRUE(write(Opcode::Send, token + std::to_string(i), i).ok());
        }
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto answer = read();
        ASSERT_TRUE(answer);
        ASSERT_EQ(answer->id, i);
        ASSERT_EQ(answer->opcode, i % 7 == 3 ? 0x84 : 0x87);
        ASSERT_EQ(answer->status, Status::Ok);
    }
    EXPECT_FALSE(read());
    for (std::uint32_t i = 0; i < count; ++i) {
        if (i % 7 != 3) {
            ASSERT_EQ(peer.event()->rest(), std::to_string(i));
        }
    }
}

TEST_F(SessionTest, APeerThatDoesNotReadGetsFullAndRoomComesLater) {
    const std::string token = with_lane();
    const std::string message(4000, 'm');
    unsigned sent = 0;
    while (ask(Opcode::Send, token + message).status == Status::Ok) ++sent;
    EXPECT_EQ(sent, message::lane_ring_size / message::record_size(message.size()));
    EXPECT_FALSE(event());
    EXPECT_EQ(polled(), abi::PollEntry::out);
    EXPECT_EQ(peer.event()->rest(), message);
    EXPECT_EQ(peer.event()->rest(), message);
    EXPECT_EQ(polled(), abi::PollEntry::in | abi::PollEntry::out);
    const auto room = event();
    ASSERT_TRUE(room && room->is(Opcode::Room));
    EXPECT_EQ(text_of(room->token()), token);
    EXPECT_FALSE(event());
    EXPECT_EQ(ask(Opcode::Send, token + message).status, Status::Ok);
}

TEST_F(SessionTest, ATakenMessageTellsWhoWaitsForRoom) {
    const std::string token = with_lane();
    const message::Lane theirs = peer.lane_at(*peer.place_of(token));
    ASSERT_TRUE(theirs.put_record(message::RecordKind::Message, as_bytes("x")));
    theirs.want_room();
    theirs.arm(1);
    const std::uint32_t before = theirs.changes();
    EXPECT_EQ(read()->rest(), "x");
    EXPECT_EQ(theirs.changes(), before + 1);
    EXPECT_EQ(servers.signalled.size(), 1u);
}

TEST_F(SessionTest, ThePeersEndComesBehindItsMessages) {
    const std::string token = with_lane();
    peer.send(Opcode::Send, token + "one");
    peer.send(Opcode::Send, token + "two");
    first.engine.set_state(0, 2, true);
    EXPECT_EQ(ask(Opcode::Send, token + "nobody hears it").status, Status::NotFound);
    EXPECT_EQ(event()->rest(), "one");
    EXPECT_EQ(event()->rest(), "two");
    EXPECT_EQ(polled(), abi::PollEntry::in | abi::PollEntry::out);
    const auto gone = event();
    ASSERT_TRUE(gone && gone->is(Opcode::Gone));
    EXPECT_EQ(gone->rest(), number_of(2));
    EXPECT_TRUE(first.lane_given.empty());
    EXPECT_EQ(polled(), abi::PollEntry::out);
    EXPECT_FALSE(event());
}

TEST_F(SessionTest, WhatAnAppRevokesItHasNoMore) {
    const std::string token = with_lane();
    EXPECT_EQ(ask(Opcode::Revoke, token).status, Status::Ok);
    EXPECT_EQ(ask(Opcode::Send, token).status, Status::NotFound);
    EXPECT_TRUE(peer.event()->is(Opcode::Gone));
    EXPECT_TRUE(first.lane_given.empty());
}

TEST_F(SessionTest, ABusyTokenHidesNeitherAnotherNorTheServer) {
    const std::string busy = with_lane(), other = with_lane();
    for (int i = 0; i < 50; ++i) peer.send(Opcode::Send, busy + "busy");
    peer.send(Opcode::Send, other + "other");
    server::Client third = server::Client::session(first, 0);
    third.ask(Opcode::Publish, "pressure");
    ASSERT_TRUE(write(Opcode::Query, number_of(0), 1).ok());
    bool has_other = false, has_answer = false;
    for (int i = 0; i < 4; ++i) {
        const auto received = read();
        ASSERT_TRUE(received);
        has_other = has_other || (received->body.size() > 16 && received->rest() == "other");
        has_answer = has_answer || received->opcode == 0x84;
    }
    EXPECT_TRUE(has_other);
    EXPECT_TRUE(has_answer);
}

TEST_F(SessionTest, ABusyTokenDoesNotHideThatAnotherHasEnded) {
    const std::string ended = with_lane(), busy = with_lane();
    const std::size_t before = first.lane_given.size();
    EXPECT_EQ(peer.ask(Opcode::Revoke, ended).status, Status::Ok);
    bool is_gone = false;
    for (int i = 0; i < 6; ++i) {
        peer.send(Opcode::Send, busy + "busy");
        peer.send(Opcode::Send, busy + "busy");
        const auto received = event();
        ASSERT_TRUE(received);
        is_gone = is_gone || (received->is(Opcode::Gone) && text_of(received->token()) == ended);
    }
    EXPECT_TRUE(is_gone);
    EXPECT_EQ(first.lane_given.size(), before - 2) << "neither side has it any more";
}

TEST_F(SessionTest, APlaceThatIsBeingChangedIsNoConnections) {
    const std::string token = with_lane();
    message::TokenPlace& place = own_place(token);
    peer.send(Opcode::Send, token + "x");
    const std::uint32_t channel = std::exchange(place.channel, 0);
    EXPECT_FALSE(read());
    EXPECT_EQ(polled(), abi::PollEntry::out);
    place.channel = channel;
    EXPECT_EQ(read()->rest(), "x");
}

TEST_F(SessionTest, WatchedForEdgesItSaysWhatComesBehindALaneThatWent) {
    const Word set = app.must_call(number::epoll_create1, {0});
    constexpr std::uint32_t edges = 1u << 31;
    const abi::EpollEvent wanted{abi::PollEntry::in | edges, 0, 0};
    app.must_call(number::epoll_ctl, {set, 1, socket, address_of(&wanted)});
    const auto is_reported = [&] {
        abi::EpollEvent event{};
        return app.must_call(number::epoll_pwait, {set, address_of(&event), 1, 0, 0}) == 1;
    };
    // As many as the server counts meanwhile, and fewer, and more.
    for (int told = 1; told < 6; ++told) {
        const std::string token = with_lane();
        EXPECT_FALSE(is_reported());
        for (int i = 0; i < told; ++i) peer.ask(Opcode::Send, token + "m");
        EXPECT_EQ(peer.ask(Opcode::Revoke, token).status, Status::Ok);
        EXPECT_TRUE(is_reported());
        EXPECT_FALSE(is_reported());
        for (int i = 0; i < told; ++i) EXPECT_EQ(event()->rest(), "m");
        EXPECT_TRUE(event()->is(Opcode::Gone));
        EXPECT_EQ(first.board(1).token_lanes, 0u);
        ASSERT_TRUE(write(Opcode::Query, number_of(0), 1).ok());
        EXPECT_TRUE(is_reported()) << told;
        EXPECT_EQ(read()->opcode, 0x84);
    }
}

TEST_F(SessionTest, APacketIsCutToItsBufferAndTheRestIsLost) {
    const std::string token = with_lane();
    peer.send(Opcode::Send, token + "a long message");
    peer.send(Opcode::Send, token + "next");
    EXPECT_EQ(read(do_not_wait, 24 + 6)->rest(), "a long");
    peer.send(Opcode::Send, token + "last");
    EXPECT_EQ(read(do_not_wait, 8)->body, "");
    EXPECT_EQ(read()->rest(), "last");
}

TEST_F(SessionTest, ASleepingThreadHearsOfAnAnswerAndOfAMessage) {
    const std::string token = with_lane();
    std::vector<std::string> heard;
    std::atomic<unsigned> count = 0;
    std::thread reader([&] {
        app.manager.enter(1);
        for (int i = 0; i < 2; ++i) {
            std::array<char, 100> bytes{};
            const Word size = app.must_call(
                number::recvfrom, {socket, address_of(bytes.data()), bytes.size(), 0, 0, 0});
            heard.emplace_back(bytes.data(), size);
            ++count;
        }
    });
    app.manager.await_sleepers(1);
    ASSERT_TRUE(write(Opcode::Send, token + "x", 5).ok());
    while (count == 0) std::this_thread::yield();
    app.manager.await_sleepers(1);
    peer.send(Opcode::Send, token + "y");
    for (const auto& [member, thread] : first.woken) {
        if (member == 1) app.manager.signal(thread);
    }
    reader.join();
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_EQ(heard[0].size(), sizeof(message::Head));
    EXPECT_EQ(heard[1].substr(24), "y");
}

TEST_F(SessionTest, AnAppOfOneThreadHearsOfAMessage) {
    const std::string token = with_lane();
    has_threads = false;
    std::optional<Received> heard;
    std::thread only([&] {
        app.manager.enter(0);
        heard = read(0);
    });
    app.manager.await_sleepers(1);
    peer.send(Opcode::Send, token + "y");
    EXPECT_EQ(first.woken, (decltype(first.woken){{1, 0}}));
    app.manager.signal(0);
    only.join();
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->rest(), "y");
}

RC_GTEST_FIXTURE_PROP(SessionTest, APeerThatWritesAnythingSpoilsNoOtherTokenAndNoAnswer, ()) {
    const std::string spoilt = with_lane(), good = with_lane();
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const std::uint32_t place = *peer.place_of(spoilt);
    auto* const words = reinterpret_cast<std::uint64_t*>(first.lane(0, place));
    for (int step = 0; step < 12; ++step) {
        for (std::size_t i = 0; i < sizeof(message::LaneHead) / 8; ++i) {
            if (random() % 2 == 0) words[i] = random() % 4 == 0 ? random() : random() % 9000;
        }
        for (int i = 0; i < 100; ++i) words[random() % (message::lane_size / 8)] = random() % 5000;
        (void)write(Opcode::Send, spoilt + "x", 7);
        const std::string text = std::to_string(step);
        peer.send(Opcode::Send, good + text);
        RC_ASSERT(write(Opcode::Send, good + text, 8).ok());
        auto at_peer = peer.event();
        while (at_peer && text_of(at_peer->token()) != good) at_peer = peer.event();
        RC_ASSERT(at_peer && at_peer->rest() == text);
        (void)polled();
        std::vector<std::uint32_t> answers;
        bool is_heard = false;
        for (int i = 0; i < 300 && !(is_heard && answers.size() == 2); ++i) {
            const auto received = read();
            if (!received) break;
            if (received->opcode == 0x87) {
                answers.push_back(received->id);
            } else if (text_of(received->token()) == good) {
                RC_ASSERT(received->rest() == text);
                is_heard = true;
            } else {
                RC_ASSERT(text_of(received->token()) == spoilt);
                RC_ASSERT(received->body.size() <= 16 + 4096);
            }
        }
        RC_ASSERT(answers == (std::vector<std::uint32_t>{7, 8}));
        RC_ASSERT(is_heard);
    }
}

}  // namespace
}  // namespace kos::libos
