// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/messages/testing/test_guest.hpp"

#include <gtest/gtest.h>

namespace kos::vmm::testing {
namespace {

using msgserver::testing::three_apps;

struct BridgeTest : ::testing::Test {
    TestServer server{three_apps()};
    TestGuest guest{server};

    message::Token token_for(StreamNumber session, const std::string& protocol) {
        const Received answer = guest.ask(session, Opcode::Request, protocol);
        EXPECT_EQ(answer.status, Status::Ok);
        return answer.token();
    }
};

TEST_F(BridgeTest, ASessionSpeaksWithTheMessageServerFrameByFrame) {
    Client publisher = Client::session(server, 0);
    EXPECT_EQ(publisher.ask(Opcode::Publish, "temperature").status, Status::Ok);
    const StreamNumber session = guest.open();
    EXPECT_TRUE(guest[session].is_open);
    EXPECT_EQ(guest.ask(session, Opcode::Hello, body_of(Le32{1u})).status, Status::Ok);
    const auto token = token_for(session, "temperature");
    const std::string longest(message::longest_message, 'm');
    EXPECT_EQ(guest.ask(session, Opcode::Send, msgserver::testing::text_of(token) + longest).status,
              Status::Ok);
    EXPECT_TRUE(publisher.event()->is(Opcode::Granted));
    EXPECT_EQ(publisher.event()->rest(), longest);
    EXPECT_TRUE(publisher.send(Opcode::Send, msgserver::testing::text_of(token) + "back"));
    EXPECT_EQ(guest.receive(session)->rest(), "back");
    EXPECT_EQ(guest[session].consumed, guest[session].sent) << "credit follows what was taken";
}

TEST_F(BridgeTest, AFrameMayComeByteByByte) {
    const StreamNumber session = guest.open();
    message::PayloadWriter hello{Opcode::Hello, 3};
    hello.number(1);
    const std::string frame =
        body_of(message::FrameLength{12u}) + std::string{as_text(hello.payload())};
    for (const char byte : frame) {
        EXPECT_FALSE(guest.receive(session).has_value());
        guest.write(session, {&byte, 1});
    }
    EXPECT_EQ(guest.receive(session)->id, 3u);
}

TEST_F(BridgeTest, WhoCannotBeReachedIsNotSeen) {
    Client stranger = Client::session(server, 2);
    EXPECT_EQ(stranger.ask(Opcode::Publish, "temperature").status, Status::Ok);
    const StreamNumber session = guest.open();
    EXPECT_EQ(guest.ask(session, Opcode::Request, "temperature").status, Status::NotFound);
    EXPECT_EQ(guest.ask(session, Opcode::Query, body_of(Le32{0u})).body, std::string(4, '\0'));
}

TEST_F(BridgeTest, PortsWithoutASocketAreRefused) {
    EXPECT_TRUE(guest[guest.open(1002)].is_reset);
    EXPECT_TRUE(guest[guest.open(1001)].is_reset);
    EXPECT_EQ(guest.bridge.streams(), 0u);
}

TEST_F(BridgeTest, AFrameOfAnotherLengthEndsTheStream) {
    for (const std::uint32_t length : {0u, 7u, 4121u, 0xffff'ffffu}) {
        const StreamNumber session = guest.open();
        guest.write(session, body_of(message::FrameLength{length}) + "xx");
        EXPECT_TRUE(guest[session].is_reset) << length;
    }
    EXPECT_EQ(guest.bridge.streams(), 0u);
}

TEST_F(BridgeTest, LaterFramesOfAnotherLengthEndTheSession) {
    const StreamNumber session = guest.open();
    guest.ask(session, Opcode::Hello, body_of(Le32{1u}));
    guest.write(session, body_of(message::FrameLength{5000u}));
    EXPECT_TRUE(guest[session].is_closed);
    guest.end(session);
    EXPECT_EQ(guest.bridge.streams(), 0u);
}

TEST_F(BridgeTest, AGuestThatDoesNotReadStopsItselfAlone) {
    const StreamNumber deaf = guest.open();
    guest[deaf].room = 0;
    std::size_t sent = 0;
    std::string asked;
    for (int i = 0; i < 2000; ++i) {
        message::PayloadWriter hello{Opcode::Hello, 3};
        hello.number(1);
        asked += body_of(message::FrameLength{12u}) + std::string{as_text(hello.payload())};
    }
    while (const std::size_t count = guest.write(deaf, std::string_view{asked}.substr(sent))) {
        sent += count;
    }
    EXPECT_LT(sent, asked.size());
    EXPECT_LE(guest[deaf].sent - guest[deaf].consumed, MessageBridge::window);
    const StreamNumber other = guest.open();
    EXPECT_EQ(guest.ask(other, Opcode::Hello, body_of(Le32{1u})).status, Status::Ok);
    guest[deaf].room = 1u << 20;
    std::string answers = guest.read(deaf);
    while (const std::size_t count = guest.write(deaf, std::string_view{asked}.substr(sent))) {
        sent += count;
        answers += guest.read(deaf);
    }
    EXPECT_EQ(sent, asked.size());
    EXPECT_EQ(answers.size(), 2000u * 20);
}

TEST_F(BridgeTest, ManyStreamsAreRefusedAndTheirPlacesComeBack) {
    std::vector<StreamNumber> open;
    for (std::size_t i = 0; i < MessageBridge::most_streams; ++i) open.push_back(guest.open());
    EXPECT_TRUE(guest[guest.open()].is_reset);
    // The message server has channels for half of them.
    std::size_t sessions = 0;
    for (const StreamNumber one : open) {
        if (guest.ask(one, Opcode::Hello, body_of(Le32{1u})).opcode != 0) ++sessions;
    }
    EXPECT_EQ(sessions, message::channels_of_an_app);
    for (const StreamNumber one : open) {
        if (!guest[one].is_reset) guest.end(one);
    }
    EXPECT_EQ(guest.bridge.streams(), 0u);
    EXPECT_EQ(guest.ask(guest.open(), Opcode::Hello, body_of(Le32{1u})).status, Status::Ok);
}

TEST_F(BridgeTest, ASessionWithoutMoreRequestsEndsBehindItsAnswers) {
    const StreamNumber session = guest.open();
    guest[session].room = 0;
    guest.send(session, Opcode::Hello, body_of(Le32{1u}));
    guest.finish(session, true, false);
    EXPECT_FALSE(guest[session].is_closed);
    guest[session].room = 100;
    EXPECT_EQ(guest.read(session).size(), 20u);
    EXPECT_TRUE(guest[session].is_closed);
}

TEST_F(BridgeTest, WhatAGuestWroteBeforeItsEndIsDelivered) {
    Client publisher = Client::session(server, 0);
    (void)publisher.ask(Opcode::Publish, "temperature");
    const StreamNumber session = guest.open();
    const auto token = token_for(session, "temperature");
    (void)publisher.event();
    message::PayloadWriter last{Opcode::Send, 9};
    last.token(token).bytes(as_bytes("last"));
    guest.bridge.received(session, as_bytes(body_of(message::FrameLength{28u}) +
                                            std::string{as_text(last.payload())}));
    guest.bridge.closed(session);
    EXPECT_EQ(publisher.event()->rest(), "last");
    EXPECT_TRUE(publisher.event()->is(Opcode::Gone));
}

TEST_F(BridgeTest, ATicketMakesASessionAStream) {
    Client publisher = Client::session(server, 0);
    (void)publisher.ask(Opcode::Publish, "temperature");
    const StreamNumber session = guest.open();
    const auto token = token_for(session, "temperature");
    (void)publisher.event();
    const Received opened =
        guest.ask(session, Opcode::OpenStream, msgserver::testing::text_of(token));
    const auto event = publisher.event();
    ASSERT_TRUE(event && event->is(Opcode::Stream));
    Client theirs = Client::session(server, 0);
    EXPECT_EQ(theirs.ask(Opcode::Attach, event->rest()).status, Status::Ok);
    const StreamNumber stream = guest.open();
    EXPECT_EQ(guest.ask(stream, Opcode::Attach, opened.body).status, Status::Ok);
    guest.write(stream, "bytes without frames");
    EXPECT_EQ(theirs.read(), "bytes without frames");
    guest.finish(stream, true, false);
    EXPECT_TRUE(theirs.has(message::channel_flag::end_of_input));
    theirs.write("and back");
    EXPECT_EQ(guest.read(stream), "and back");
    EXPECT_FALSE(guest[stream].is_closed);
    (void)theirs.close();
    guest.tend();
    EXPECT_TRUE(guest[stream].is_closed);
}

TEST_F(BridgeTest, TheThreadIsSignalledOnceAtTheNextChange) {
    const StreamNumber session = guest.open();
    guest.ask(session, Opcode::Hello, body_of(Le32{1u}));
    server.woken.clear();
    Client publisher = Client::session(server, 0);
    (void)publisher.ask(Opcode::Publish, "temperature");
    EXPECT_TRUE(server.woken.empty()) << "nothing of the guest's has changed";
    guest.ask(session, Opcode::Request, "temperature");
    server.woken.clear();
    const auto granted = publisher.event();
    (void)publisher.send(Opcode::Revoke, msgserver::testing::text_of(granted->token()));
    ASSERT_EQ(server.woken.size(), 1u);
    EXPECT_EQ(server.woken[0], (std::pair<std::uint32_t, std::uint32_t>{1, 0}));
    EXPECT_TRUE(guest.receive(session)->is(Opcode::Gone));
}

}  // namespace
}  // namespace kos::vmm::testing
