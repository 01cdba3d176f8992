// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::msgserver::testing {
namespace {

using message::GoneReason;
namespace flag = message::channel_flag;

std::string number(std::uint32_t value) { return std::string{as_text(bytes_of(Le32{value}))}; }

struct MessagesTest : ::testing::Test {
    TestServer server{three_apps()};
    Client publisher = Client::session(server, 0);
    Client client = Client::session(server, 1);
    Client stranger = Client::session(server, 2);

    Token request(std::string_view protocol = "temperature") {
        EXPECT_EQ(publisher.ask(Opcode::Publish, protocol).status, Status::Ok);
        const Received answer = client.ask(Opcode::Request, protocol);
        EXPECT_EQ(answer.status, Status::Ok);
        const auto granted = publisher.event();
        EXPECT_TRUE(granted && granted->is(Opcode::Granted));
        return answer.token();
    }
};

TEST_F(MessagesTest, HelloTellsVersionAndLongestMessage) {
    EXPECT_EQ(client.ask(Opcode::Hello, number(1)).body, number(1) + number(4096));
    EXPECT_EQ(client.ask(Opcode::Hello, number(9)).body, number(1) + number(4096));
    EXPECT_EQ(client.ask(Opcode::Hello, number(0)).status, Status::Version);
}

TEST_F(MessagesTest, APublishedProtocolIsFoundAndRequestedAndMessagesGoBothWays) {
    publisher.ask(Opcode::Publish, "temperature");
    EXPECT_EQ(client.ask(Opcode::Query, number(0)).body, number(1) + "\x0btemperature\x06server");
    const Received answer = client.ask(Opcode::Request, "temperature");
    const std::string token = text_of(answer.token());
    EXPECT_EQ(answer.rest(), number(1));
    const auto granted = publisher.event();
    ASSERT_TRUE(granted && granted->is(Opcode::Granted));
    EXPECT_EQ(granted->body, token + number(1) +
                                 "\x0btemperature\x06"
                                 "client");

    EXPECT_EQ(client.ask(Opcode::Send, token + "21 degrees?").status, Status::Ok);
    EXPECT_EQ(publisher.event()->body, token + "21 degrees?");
    EXPECT_EQ(publisher.ask(Opcode::Send, token + std::string(4096, 'x')).status, Status::Ok);
    EXPECT_EQ(client.event()->rest(), std::string(4096, 'x'));
    EXPECT_EQ(client.ask(Opcode::Send, token).status, Status::Ok) << "an empty message";
    EXPECT_EQ(publisher.event()->rest(), "");
}

TEST_F(MessagesTest, OnlyWhatTheLabelListsIsPublished) {
    EXPECT_EQ(publisher.ask(Opcode::Publish, "secrets").status, Status::Denied);
    EXPECT_EQ(client.ask(Opcode::Publish, "temperature").status, Status::Denied);
    EXPECT_EQ(server.log.size(), 2u);
    EXPECT_EQ(publisher.ask(Opcode::Publish, "pressure").status, Status::Ok);
    EXPECT_EQ(server.provided, std::vector<std::string>{"0: pressure"});
    EXPECT_EQ(publisher.ask(Opcode::Publish, "pressure").status, Status::Exists);
    EXPECT_EQ(publisher.ask(Opcode::Unpublish, "pressure").status, Status::Ok);
    EXPECT_EQ(publisher.ask(Opcode::Unpublish, "pressure").status, Status::NotFound);
}

TEST_F(MessagesTest, AnAppOnAnotherNetworkFindsNothingAndNoTokenHelpsIt) {
    const Token token = request();
    EXPECT_EQ(stranger.ask(Opcode::Query, number(0)).body, number(0));
    EXPECT_EQ(stranger.ask(Opcode::Request, "temperature").status, Status::NotFound);
    for (const Opcode opcode : {Opcode::Send, Opcode::Revoke, Opcode::OpenStream, Opcode::Attach}) {
        EXPECT_EQ(stranger.ask(opcode, text_of(token)).status, Status::NotFound);
    }
    Client other = Client::session(server, 1);
    EXPECT_EQ(other.ask(Opcode::Send, text_of(token) + "x").status, Status::NotFound)
        << "not even another connection of the same app";
    EXPECT_FALSE(publisher.event());
}

TEST_F(MessagesTest, EverySixteenthTokenOfAllPossibleOnesFails) {
    request();
    Token guess{};
    for (unsigned byte = 0; byte < sizeof(Token); ++byte) {
        for (unsigned value = 0; value < 256; value += 16) {
            guess[byte] = static_cast<std::uint8_t>(value);
            ASSERT_EQ(stranger.ask(Opcode::Send, text_of(guess) + "x").status, Status::NotFound);
        }
    }
}

TEST_F(MessagesTest, ATokenIsVoidOnceASideRevokesIt) {
    const std::string token = text_of(request());
    EXPECT_EQ(publisher.ask(Opcode::Revoke, token).status, Status::Ok);
    EXPECT_EQ(publisher.ask(Opcode::Send, token).status, Status::NotFound);
    const auto gone = client.event();
    ASSERT_TRUE(gone && gone->is(Opcode::Gone));
    EXPECT_EQ(gone->body, token + number(static_cast<std::uint32_t>(GoneReason::Revoked)));
    EXPECT_EQ(client.ask(Opcode::Send, token).status, Status::NotFound);
}

TEST_F(MessagesTest, WhoHasNoRoomIsToldOfAnEndedAppLater) {
    const std::string token = text_of(request());
    while (client.ask(Opcode::Send, token + std::string(1000, 'x')).status == Status::Ok) {
    }
    // Full to the last byte.
    while (client.ask(Opcode::Send, token).status == Status::Ok) {
    }
    server.engine.set_state(1, 2, true);
    std::optional<Received> last;
    while (const auto received = publisher.receive()) last = received;
    ASSERT_TRUE(last && last->is(Opcode::Gone));
    EXPECT_EQ(last->body, token + number(static_cast<std::uint32_t>(GoneReason::Ended)));
}

TEST_F(MessagesTest, ATokenGoesWithItsProtocolAndItsConnectionAndItsApp) {
    std::string token = text_of(request());
    EXPECT_EQ(publisher.ask(Opcode::Unpublish, "temperature").status, Status::Ok);
    EXPECT_EQ(client.event()->body, token + number(1));

    token = text_of(request());
    publisher.close();
    EXPECT_EQ(client.event()->body, token + number(2));

    publisher = Client::session(server, 0);
    token = text_of(request());
    server.engine.set_state(0, 1, false);
    EXPECT_EQ(client.event()->body, token + number(2));
    EXPECT_EQ(client.ask(Opcode::Query, number(0)).body, number(0));

    server.engine.set_state(0, 2, true);
    publisher = Client::session(server, 0);
    publisher.ask(Opcode::Publish, "temperature");
    EXPECT_EQ(client.ask(Opcode::Request, "temperature").rest(), number(2)) << "the generation";
    EXPECT_EQ(client.ask(Opcode::Send, token).status, Status::NotFound);
}

TEST_F(MessagesTest, AnAppThatIsStartedAnewWithoutWordOfItsEndHasNothingLeft) {
    const std::string token = text_of(request());
    server.engine.set_state(1, 2, true);
    EXPECT_EQ(publisher.event()->body, token + number(2));
    EXPECT_EQ(publisher.ask(Opcode::Send, token).status, Status::NotFound);
    EXPECT_EQ(server.board(1).generation, 2u);
    EXPECT_EQ(server.board(1).channels[0].flags, 0u);
}

TEST_F(MessagesTest, APeerThatDoesNotReadGetsFullAndRoomComesLater) {
    const std::string token = text_of(request());
    const std::string message(1000, 'm');
    unsigned sent = 0;
    Status status = Status::Ok;
    while ((status = client.ask(Opcode::Send, token + message).status) == Status::Ok) ++sent;
    EXPECT_EQ(status, Status::Full);
    EXPECT_EQ(sent, 7u);
    EXPECT_FALSE(client.event());
    for (unsigned i = 0; i < sent; ++i) EXPECT_EQ(publisher.event()->rest(), message);
    publisher.kick();
    const auto room = client.event();
    ASSERT_TRUE(room && room->is(Opcode::Room));
    EXPECT_EQ(room->token(), [&] {
        Token t;
        std::memcpy(t.data(), token.data(), 16);
        return t;
    }());
    EXPECT_EQ(client.ask(Opcode::Send, token + message).status, Status::Ok);
}

TEST_F(MessagesTest, WhoDoesNotReadItsAnswersIsNotServedAndNobodyElseNotices) {
    publisher.ask(Opcode::Publish, "temperature");
    unsigned asked = 0;
    while (asked < 5000 && client.send(Opcode::Query, number(0))) ++asked;
    EXPECT_LT(asked, 5000u) << "its own ring is full";
    Client other = Client::session(server, 1);
    EXPECT_EQ(other.ask(Opcode::Request, "temperature").status, Status::Ok);
    unsigned answered = 0;
    while (client.receive()) ++answered;
    EXPECT_EQ(answered, asked) << "nothing was lost";
}

TEST_F(MessagesTest, WhatAnAppHoldsIsLimitedAndTheLimitIsItsOwn) {
    publisher.ask(Opcode::Publish, "temperature");
    for (std::size_t i = 0; i < tokens_of_an_app; ++i) {
        EXPECT_EQ(client.ask(Opcode::Request, "temperature").status, Status::Ok);
        EXPECT_TRUE(publisher.event());
    }
    EXPECT_EQ(client.ask(Opcode::Request, "temperature").status, Status::Limit);
    for (std::uint32_t i = 1; i < message::channels_of_an_app; ++i) Client::session(server, 1);
    EXPECT_EQ(server.call(1, Call::OpenSession).error, Errno::TooManyFiles);
    EXPECT_EQ(server.call(0, Call::OpenSession).error, Errno::Ok);
}

TEST_F(MessagesTest, FramesThatMakeNoSenseEndTheConnectionAndNoOther) {
    for (const std::string& bytes :
         {number(7) + std::string(7, 'x'), number(5000), number(0xffff'ffff), number(0)}) {
        Client bad = Client::session(server, 1);
        bad.write(bytes);
        EXPECT_TRUE(bad.has(flag::end_of_input));
        bad.close();
    }
    EXPECT_EQ(client.ask(Opcode::Hello, number(1)).status, Status::Ok);
    EXPECT_EQ(client.ask(static_cast<Opcode>(0x33)).status, Status::UnknownOpcode);
    EXPECT_EQ(client.ask(Opcode::Publish, "two words").status, Status::Malformed);
    EXPECT_EQ(client.ask(Opcode::Revoke, "short").status, Status::Malformed);
}

TEST_F(MessagesTest, PositionsThatMakeNoSenseEndTheConnectionAndNoOther) {
    Client bad = Client::session(server, 1);
    bad.shared().from_tail = 0x8000'0000;
    bad.kick();
    EXPECT_TRUE(bad.has(flag::end_of_input));
    Client worse = Client::session(server, 1);
    worse.shared().to_head = 12345;
    worse.kick();
    EXPECT_TRUE(worse.has(flag::end_of_input));
    EXPECT_EQ(client.ask(Opcode::Hello, number(1)).status, Status::Ok);
}

TEST_F(MessagesTest, AStreamIsOpenedByAToken) {
    const std::string token = text_of(request());
    const Received opened = client.ask(Opcode::OpenStream, token);
    ASSERT_EQ(opened.status, Status::Ok);
    const auto offered = publisher.event();
    ASSERT_TRUE(offered && offered->is(Opcode::Stream));
    EXPECT_EQ(client.ask(Opcode::OpenStream, token).status, Status::Limit);

    Client near = Client::session(server, 1), far = Client::session(server, 0);
    EXPECT_EQ(near.ask(Opcode::Attach, offered->rest()).status, Status::NotFound) << "the other's";
    EXPECT_EQ(near.ask(Opcode::Attach, opened.body).status, Status::Ok);
    near.write("early");
    EXPECT_EQ(far.ask(Opcode::Attach, offered->rest()).status, Status::Ok);
    EXPECT_EQ(far.read(), "early");
    far.write("late");
    EXPECT_EQ(near.read(), "late");
    client.ask(Opcode::Revoke, token);
    far.write("still there");
    EXPECT_EQ(near.read(), "still there");
    near.close();
    EXPECT_TRUE(far.has(flag::end_of_input));
    Client again = Client::session(server, 1);
    EXPECT_EQ(again.ask(Opcode::Attach, opened.body).status, Status::NotFound) << "good once";
}

TEST_F(MessagesTest, ATicketIsVoidWithItsToken) {
    const std::string token = text_of(request());
    const Received opened = client.ask(Opcode::OpenStream, token);
    Client near = Client::session(server, 1);
    EXPECT_EQ(near.ask(Opcode::Attach, opened.body).status, Status::Ok);
    publisher.close();
    EXPECT_TRUE(near.has(flag::reset));
}

TEST_F(MessagesTest, WhoSleepsIsWoken) {
    const std::string token = text_of(request());
    server.woken.clear();
    server.board(0).waiters = 0b101;
    client.ask(Opcode::Send, token + "wake up");
    EXPECT_THAT(server.woken, ::testing::ElementsAre(std::pair{0u, 0u}, std::pair{0u, 2u}));
    EXPECT_EQ(server.board(0).waiters, 0u);
}

TEST_F(MessagesTest, SocketsAndAddressesAreToldByNumber) {
    const CallAnswer name = server.call(0, Call::SocketName, 0);
    EXPECT_EQ(name.words[0], 4u);
    EXPECT_EQ(std::memcmp(&name.words[1], "msg0", 4), 0);
    EXPECT_EQ(server.call(0, Call::SocketName, 1).error, Errno::NoEntry);
    EXPECT_EQ(server.call(0, Call::OpenSession, 1).error, Errno::NoEntry);
    EXPECT_EQ(server.call(0, Call::Address, 0).words[0], server_address);
    EXPECT_EQ(server.call(0, Call::Address, 1).error, Errno::NoEntry);
    EXPECT_EQ(server.call(9, Call::Address, 0).error, Errno::BadFile);
    EXPECT_EQ(server.call(0, static_cast<Call>(99), 0).error, Errno::NoSystemCall);
    EXPECT_EQ(server.call(0, Call::Close, 99).error, Errno::BadFile);
}

}  // namespace
}  // namespace kos::msgserver::testing
