// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/test_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kos::msgserver::testing {
namespace {

std::string number(std::uint32_t value) { return std::string{as_text(bytes_of(Le32{value}))}; }

struct TokenLanesTest : ::testing::Test {
    TestServer server{three_apps()};
    Client publisher = Client::session(server, 0);
    Client client = Client::session(server, 1);

    std::string request(Client& from, std::string_view protocol = "temperature") {
        publisher.ask(Opcode::Publish, protocol);
        const Received answer = from.ask(Opcode::Request, protocol);
        EXPECT_EQ(answer.status, Status::Ok);
        const auto granted = publisher.event();
        EXPECT_TRUE(granted && granted->is(Opcode::Granted));
        return text_of(answer.token());
    }
    /// Sends as many messages as make a lane worth it.
    static void carry(Client& from, const std::string& token, Client& to) {
        for (int i = 0; i < 130; ++i) {
            EXPECT_EQ(from.ask(Opcode::Send, token + std::to_string(i)).status, Status::Ok);
            const auto event = to.event();
            ASSERT_TRUE(event && event->is(Opcode::Message));
            EXPECT_EQ(event->rest(), std::to_string(i));
        }
    }
    std::string with_lane() {
        std::string token = request(client);
        carry(client, token, publisher);
        EXPECT_TRUE(client.place_of(token) && publisher.place_of(token));
        return token;
    }
    static std::vector<std::string> messages(Client& from) {
        std::vector<std::string> all;
        while (const auto event = from.event()) all.push_back(event->rest());
        return all;
    }
};

TEST_F(TokenLanesTest, ATokenThatCarriesEnoughGetsOneAndNeedsNoServerAnyMore) {
    const std::string token = request(client);
    EXPECT_FALSE(client.place_of(token));
    carry(client, token, publisher);
    ASSERT_TRUE(client.place_of(token) && publisher.place_of(token));
    EXPECT_EQ(server.board(1).lanes, 1u << *client.place_of(token));
    const std::uint32_t sent = client.shared().from_tail, heard = publisher.shared().to_tail;
    EXPECT_EQ(client.ask(Opcode::Send, token + "question").status, Status::Ok);
    EXPECT_EQ(publisher.event()->rest(), "question");
    EXPECT_EQ(publisher.ask(Opcode::Send, token + "").status, Status::Ok);
    EXPECT_EQ(client.event()->rest(), "");
    EXPECT_EQ(client.shared().from_tail, sent);
    EXPECT_EQ(publisher.shared().to_tail, heard);
}

TEST_F(TokenLanesTest, WhatTheServerHasIsHeardBeforeWhatIsInTheLane) {
    const std::string token = request(client);
    std::vector<std::string> sent;
    for (int i = 0; i < 140; ++i) {
        sent.push_back(std::to_string(i));
        EXPECT_EQ(client.ask(Opcode::Send, token + sent.back()).status, Status::Ok);
    }
    EXPECT_TRUE(client.place_of(token));
    EXPECT_EQ(messages(publisher), sent);
}

TEST_F(TokenLanesTest, RequestsThatWaitWhenALaneIsGivenKeepTheirPlaces) {
    const std::string token = request(client);
    std::vector<std::string> sent;
    std::string frames;
    for (int i = 0; i < 140; ++i) {
        sent.push_back(std::to_string(i));
        message::PayloadWriter writer{Opcode::Send, static_cast<std::uint32_t>(i)};
        const Bytes payload = writer.bytes(as_bytes(token + sent.back())).payload();
        const message::FrameLength length{static_cast<std::uint32_t>(payload.size())};
        frames += std::string{as_text(bytes_of(length))} + std::string{as_text(payload)};
    }
    EXPECT_EQ(client.write(frames), frames.size());
    ASSERT_TRUE(client.place_of(token));
    EXPECT_GT(publisher.lane_at(*publisher.place_of(token)).pending(), 0u);
    EXPECT_EQ(messages(publisher), sent);
    for (std::uint32_t i = 0; i < 140; ++i) EXPECT_EQ(client.receive()->id, i);
}

TEST_F(TokenLanesTest, WhatTheDeadHasSentIsHeardThenThatItHasEnded) {
    const std::string token = with_lane();
    const std::uint32_t place = *client.place_of(token);
    client.ask(Opcode::Send, token + "last words");
    const std::byte* const lane = server.lane(1, place);
    server.engine.set_state(1, 2, true);
    EXPECT_EQ(server.board(1).lanes, 0u);
    EXPECT_EQ(server.board(1).places[place].lane, 0u);
    EXPECT_EQ(publisher.ask(Opcode::Send, token + "too late").status, Status::NotFound);
    const auto last = publisher.event(), gone = publisher.event();
    ASSERT_TRUE(last && gone);
    EXPECT_EQ(last->rest(), "last words");
    EXPECT_TRUE(gone->is(Opcode::Gone));
    EXPECT_EQ(gone->rest(), number(2));
    EXPECT_FALSE(publisher.event());
    EXPECT_TRUE(server.lane_given.empty());
    EXPECT_EQ(server.board(0).lanes, 0u);
    EXPECT_TRUE(std::all_of(lane, lane + message::lane_size,
                            [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST_F(TokenLanesTest, WhoRevokesWritesNoMoreAndTheOtherHearsItLast) {
    const std::string token = with_lane();
    const std::uint32_t place = *client.place_of(token);
    client.ask(Opcode::Send, token + "one");
    client.ask(Opcode::Send, token + "two");
    EXPECT_EQ(client.ask(Opcode::Revoke, token).status, Status::Ok);
    EXPECT_FALSE(server.lane_given.contains({1, place}));
    EXPECT_EQ(client.ask(Opcode::Send, token + "three").status, Status::NotFound);
    EXPECT_EQ(publisher.event()->rest(), "one");
    publisher.kick();
    EXPECT_EQ(publisher.event()->rest(), "two");
    const auto gone = publisher.event();
    ASSERT_TRUE(gone && gone->is(Opcode::Gone));
    EXPECT_EQ(gone->rest(), number(1));
    EXPECT_TRUE(server.lane_given.empty());
}

TEST_F(TokenLanesTest, WhatALaneHasCountedIsInItsConnectionsCountWhenItIsGone) {
    const std::string token = with_lane();
    const std::uint32_t place = *publisher.place_of(token);
    for (int i = 0; i < 100; ++i) client.ask(Opcode::Send, token + "m");
    EXPECT_EQ(messages(publisher).size(), 100u);
    const std::uint32_t of_lane = publisher.lane_at(place).changes();
    EXPECT_GE(of_lane, 100u);
    EXPECT_EQ(client.ask(Opcode::Revoke, token).status, Status::Ok);
    const std::uint32_t before = publisher.shared().changes;
    const auto gone = publisher.event();
    ASSERT_TRUE(gone && gone->is(Opcode::Gone));
    EXPECT_EQ(publisher.shared().changes, before + of_lane + 1);
}

TEST_F(TokenLanesTest, WhoClosesWithoutTakingWhatIsThereLeavesNothing) {
    std::string token = with_lane();
    client.ask(Opcode::Send, token + "unread");
    client.close();
    publisher.close();
    EXPECT_TRUE(server.lane_given.empty());
    client = Client::session(server, 1);
    publisher = Client::session(server, 0);
    token = with_lane();
    EXPECT_EQ(messages(publisher), std::vector<std::string>{});
}

TEST_F(TokenLanesTest, WhereALaneCannotBeTakenTheOtherIsToldAndItIsNotUsedAgain) {
    const std::string token = with_lane();
    server.keeps_lanes = true;
    client.ask(Opcode::Send, token + "perhaps lost");
    EXPECT_EQ(client.ask(Opcode::Revoke, token).status, Status::Ok);
    publisher.kick();
    const auto gone = publisher.event();
    ASSERT_TRUE(gone && gone->is(Opcode::Gone));
    server.keeps_lanes = false;
    server.lane_given.clear();
    std::vector<std::string> tokens;
    for (int i = 0; i < 2; ++i) {
        tokens.push_back(request(client));
        carry(client, tokens.back(), publisher);
    }
    EXPECT_TRUE(client.place_of(tokens[0]));
    EXPECT_FALSE(client.place_of(tokens[1])) << "one of two lanes is lost";
}

TEST_F(TokenLanesTest, AFullLaneIsFullAndRoomIsOwed) {
    const std::string token = with_lane();
    const std::string message(4096, 'm');
    unsigned sent = 0;
    while (client.ask(Opcode::Send, token + message).status == Status::Ok) ++sent;
    EXPECT_EQ(sent, message::lane_ring_size / message::longest_record);
    // By the server, which finds it full as well.
    message::PayloadWriter writer{Opcode::Send, 9};
    ASSERT_TRUE(client.send_payload(writer.bytes(as_bytes(token + message)).payload()));
    EXPECT_EQ(client.receive()->status, Status::Full);
    EXPECT_EQ(client.place_at(*client.place_of(token)).owes_room, 1u);
    EXPECT_EQ(publisher.event()->rest(), message);
    EXPECT_TRUE(publisher.lane_at(*publisher.place_of(token)).is_room_wanted());
}

TEST_F(TokenLanesTest, AStreamIsToldBehindTheMessages) {
    const std::string token = with_lane();
    client.ask(Opcode::Send, token + "a stream comes");
    const Received opened = client.ask(Opcode::OpenStream, token);
    ASSERT_EQ(opened.status, Status::Ok);
    client.ask(Opcode::Send, token + "it came");
    EXPECT_EQ(publisher.event()->rest(), "a stream comes");
    const auto offered = publisher.event();
    ASSERT_TRUE(offered && offered->is(Opcode::Stream));
    EXPECT_EQ(publisher.event()->rest(), "it came");
    Client near = Client::session(server, 1), far = Client::session(server, 0);
    EXPECT_EQ(far.ask(Opcode::Attach, offered->rest()).status, Status::Ok);
    EXPECT_EQ(near.ask(Opcode::Attach, opened.body).status, Status::Ok);
    near.write("bytes");
    EXPECT_EQ(far.read(), "bytes");
}

TEST_F(TokenLanesTest, TokensOfOneConnectionHaveALaneEachWhileThereAreAny) {
    const std::string first = with_lane(), second = request(client);
    carry(client, second, publisher);
    ASSERT_TRUE(client.place_of(second));
    EXPECT_NE(client.place_of(first), client.place_of(second));
    const std::string third = request(client);
    carry(client, third, publisher);
    EXPECT_FALSE(client.place_of(third));
    client.ask(Opcode::Send, first + "1");
    client.ask(Opcode::Send, second + "2");
    client.ask(Opcode::Send, third + "3");
    auto all = messages(publisher);
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, (std::vector<std::string>{"1", "2", "3"}));
    client.ask(Opcode::Revoke, first);
    EXPECT_TRUE(publisher.event()->is(Opcode::Gone));
    carry(client, third, publisher);
    EXPECT_TRUE(client.place_of(third));
}

TEST_F(TokenLanesTest, AStreamWhosePlaceATokenHasGoesThroughTheServer) {
    std::vector<std::string> tokens{with_lane(), request(client)};
    carry(client, tokens[1], publisher);
    // The second token has the client's last place: the stream's.
    std::vector<Client> streams;
    while (streams.empty() || streams.back().number() != *client.place_of(tokens[1])) {
        streams.push_back(Client::stream(server, 1));
    }
    client.ask(Opcode::Revoke, tokens[0]);
    EXPECT_TRUE(publisher.event()->is(Opcode::Gone));
    Client listener = Client::stream(server, 0);
    server.call(0, Call::Listen, listener.number(), 0, 80, 8);
    server.call(1, Call::Connect, streams.back().number(), server_address, 80);
    const CallAnswer accepted = server.call(0, Call::Accept, listener.number());
    Client served{server, 0, static_cast<std::uint32_t>(accepted.words[0])};
    const std::string block(message::ring_size, 'c');
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(streams.back().write(block), block.size());
        EXPECT_EQ(served.read(), block);
    }
    EXPECT_EQ(served.shared().lane, 0u);
    client.ask(Opcode::Send, tokens[1] + "still there");
    EXPECT_EQ(publisher.event()->rest(), "still there");
}

TEST_F(TokenLanesTest, AnAppThatCanHaveNoneHasNone) {
    server.without_lanes = 1;
    const std::string token = request(client);
    carry(client, token, publisher);
    EXPECT_FALSE(client.place_of(token));
    EXPECT_TRUE(server.lane_given.empty());
    Client own = Client::session(server, 0);
    const std::string to_itself = request(own);
    carry(own, to_itself, publisher);
    EXPECT_FALSE(own.place_of(to_itself));
}

TEST_F(TokenLanesTest, TheServerWakesWhomAnAppCannot) {
    const std::string token = with_lane();
    publisher.lane_at(*publisher.place_of(token)).arm(9);
    server.woken.clear();
    client.ask(Opcode::Send, token + "x");
    client.ask(Opcode::Send, token + "y");
    EXPECT_EQ(server.woken, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 9}}));
}

}  // namespace
}  // namespace kos::msgserver::testing
