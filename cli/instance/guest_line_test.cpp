// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/guest_line.hpp"

#include "cli/instance/test_target.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sys/socket.h>
#include <unistd.h>

namespace kos::instance {
namespace {

using msg::CommandResult;
using msg::StreamEvent;
using namespace std::chrono_literals;

/// A client at one end, the target at the other.
class GuestLineTest : public testing::Test {
   protected:
    sys::UniqueFd client(std::uint32_t app = 1) {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        line_.connect(app, sys::UniqueFd{ends[0]});
        return sys::UniqueFd{ends[1]};
    }
    void turn() {
        for (int i = 0; i < 100; ++i) {
            if (!loop_.run_once(0).value_or(false)) return;
        }
        ADD_FAILURE() << "the loop does not come to rest";
    }
    /// What is sent to the target now.
    std::optional<SentPiece> due() {
        turn();
        const std::string frame = line_.due(now_);
        if (frame.empty()) return std::nullopt;
        const SentPiece piece = piece_in(frame);
        if (piece.event == StreamEvent::Open) names_[piece.stream] = piece.position;
        return piece;
    }
    void answer(const SentPiece& piece, CommandResult result = CommandResult::Done) {
        EXPECT_TRUE(acknowledge(line_, piece, now_, result));
    }
    /// The next piece, acknowledged.
    SentPiece next() {
        const auto piece = due();
        if (!piece) {
            ADD_FAILURE() << "nothing is sent";
            return {};
        }
        answer(*piece);
        return *piece;
    }
    void guest(unsigned stream, StreamEvent event, std::uint32_t position = 0,
               const std::string& data = {}) {
        tell(line_, 1, stream, event, position, data);
        turn();
    }
    /// Ends the stream that has this number now.
    void guest_closes(unsigned stream) { guest(stream, StreamEvent::Close, names_[stream]); }
    static std::string read(const sys::UniqueFd& socket) {
        std::string text(1 << 20, '\0');
        const ssize_t got = ::read(socket.get(), text.data(), text.size());
        if (got < 0) return "(nothing)";
        text.resize(static_cast<std::size_t>(got));
        return got == 0 ? "(end)" : text;
    }
    static void write(const sys::UniqueFd& socket, const std::string& text) {
        EXPECT_EQ(::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    /// A client whose stream, number 0, is open.
    sys::UniqueFd open() {
        sys::UniqueFd socket = client();
        EXPECT_EQ(next().event, StreamEvent::Open);
        guest(0, StreamEvent::Open);
        EXPECT_TRUE(read(socket).starts_with("OK "));
        return socket;
    }

    sys::EventLoop loop_ = sys::EventLoop::create().value();
    std::map<unsigned, std::uint32_t> names_;  ///< by number, as the last Open gave them
    std::string log_;
    GuestLine::Clock::time_point now_ = GuestLine::Clock::now();
    GuestLine line_{loop_, [this](std::uint8_t, std::string_view line) { log_ += line; }};
};

TEST_F(GuestLineTest, BytesGoBothWays) {
    const sys::UniqueFd socket = open();
    write(socket, "question");
    const SentPiece data = next();
    EXPECT_EQ(data.app, 1u);
    EXPECT_EQ(data.event, StreamEvent::Data);
    EXPECT_EQ(data.position, 0u);
    EXPECT_EQ(data.data, "question");
    write(socket, "s");
    EXPECT_EQ(next().position, 8u);
    guest(0, StreamEvent::Data, 0, "ans");
    guest(0, StreamEvent::Data, 3, "wer");
    EXPECT_EQ(read(socket), "answer");
    EXPECT_FALSE(due());
}

TEST_F(GuestLineTest, APieceIsSentAgainUntilItIsAcknowledgedAndNothingElseMeanwhile) {
    const sys::UniqueFd socket = open();
    write(socket, "a");
    const auto first = due();
    ASSERT_TRUE(first);
    write(socket, "b");
    EXPECT_FALSE(due());
    now_ += GuestLine::repeat_after;
    const auto again = due();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->sequence, first->sequence);
    EXPECT_EQ(again->data, "a");
    EXPECT_FALSE(acknowledge(line_, {.sequence = first->sequence + 1}, now_));
    answer(*first, CommandResult::Busy);
    EXPECT_FALSE(due());
    now_ += GuestLine::repeat_after;
    const auto later = due();
    ASSERT_TRUE(later);
    EXPECT_NE(later->sequence, first->sequence);
    EXPECT_EQ(later->data, "a");
    answer(*later);
    EXPECT_EQ(next().data, "b");
}

TEST_F(GuestLineTest, NoMoreIsSentThanTheTargetHasRoomFor) {
    const sys::UniqueFd socket = open();
    write(socket, std::string(100'000, 'x'));
    std::uint32_t sent = 0;
    for (auto piece = due(); piece; piece = due()) {
        EXPECT_EQ(piece->position, sent);
        sent += static_cast<std::uint32_t>(piece->data.size());
        answer(*piece);
    }
    EXPECT_EQ(sent, msg::host_window);
    guest(0, StreamEvent::Credit, 500);
    EXPECT_EQ(next().data.size(), 500u);
    EXPECT_FALSE(due());
}

TEST_F(GuestLineTest, TheGuestGetsCreditForWhatTheClientHasRead) {
    const sys::UniqueFd socket = open();
    const int small = 4096;
    ASSERT_EQ(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    std::uint32_t sent = 0, told = 0, got = 0;
    // As a VMM does, which stops where it has no credit.
    for (int round = 0; round < 2000 && got < 200'000; ++round) {
        while (sent - told + 500 <= msg::guest_window) {
            guest(0, StreamEvent::Data, sent, std::string(500, 'y'));
            sent += 500;
        }
        const std::string part = read(socket);
        if (part != "(nothing)") got += static_cast<std::uint32_t>(part.size());
        turn();
        while (const auto piece = due()) {
            EXPECT_EQ(piece->event, StreamEvent::Credit);
            told = piece->position;
            answer(*piece);
        }
    }
    EXPECT_GE(got, 200'000u);
    EXPECT_EQ(log_, "");
}

TEST_F(GuestLineTest, AGuestThatSendsMoreThanItMayLosesTheStream) {
    const sys::UniqueFd socket = open();
    std::uint32_t sent = 0;
    while (log_.empty() && sent < 10u << 20) {
        guest(0, StreamEvent::Data, sent, std::string(900, 'z'));
        sent += 900;
    }
    EXPECT_NE(log_.find("more than it may"), std::string::npos);
    EXPECT_EQ(next().event, StreamEvent::Close);
}

TEST_F(GuestLineTest, WhereBytesAreMissingTheStreamBreaksOffAndNoWrongOnesCome) {
    const sys::UniqueFd socket = open();
    guest(0, StreamEvent::Data, 0, "good");
    guest(0, StreamEvent::Data, 8, "rest");
    EXPECT_EQ(read(socket), "good");
    EXPECT_EQ(read(socket), "(end)");
    EXPECT_NE(log_.find("KOS-E-NOISE"), std::string::npos);
    EXPECT_EQ(next().event, StreamEvent::Close);
}

TEST_F(GuestLineTest, WhereFramesWereLostAllStreamsBreakOff) {
    const sys::UniqueFd first = open(), waits = client(), of_another = client(2);
    EXPECT_EQ(next().event, StreamEvent::Open);
    EXPECT_EQ(next().app, 2u);
    line_.frames_lost();
    for (const sys::UniqueFd* socket : {&first, &waits, &of_another}) {
        EXPECT_EQ(read(*socket), "(end)");
        EXPECT_EQ(next().event, StreamEvent::Close);
    }
    EXPECT_FALSE(due());
}

TEST_F(GuestLineTest, AClientThatGoesClosesItsStream) {
    sys::UniqueFd socket = open();
    write(socket, "unfinished");
    socket.reset();
    const SentPiece last = next();
    EXPECT_EQ(last.event, StreamEvent::Close);
    guest(0, StreamEvent::Data, 0, "late");
    EXPECT_FALSE(due());
    guest_closes(0);
    // Its number is free again.
    const sys::UniqueFd other = client();
    const SentPiece open = next();
    EXPECT_EQ(open.event, StreamEvent::Open);
    EXPECT_EQ(open.stream, 0u);
}

TEST_F(GuestLineTest, AClientMayFinishAndReadOn) {
    const sys::UniqueFd socket = open();
    write(socket, "all");
    ASSERT_EQ(::shutdown(socket.get(), SHUT_WR), 0);
    EXPECT_EQ(next().data, "all");
    const SentPiece finish = next();
    EXPECT_EQ(finish.event, StreamEvent::Finish);
    EXPECT_EQ(finish.position, 3u);
    EXPECT_FALSE(due());
    guest(0, StreamEvent::Data, 0, "answer");
    guest(0, StreamEvent::Finish, 6);
    EXPECT_EQ(read(socket), "answer");
    EXPECT_EQ(read(socket), "(end)");
}

TEST_F(GuestLineTest, WhatAClientWroteBeforeItFinishedArrivesThoughTheGuestFinishesFirst) {
    const sys::UniqueFd socket = open();
    const std::string text(5000, 't');
    write(socket, text);
    ASSERT_EQ(::shutdown(socket.get(), SHUT_WR), 0);
    std::string got = next().data;
    guest(0, StreamEvent::Data, 0, "answer");
    guest(0, StreamEvent::Finish, 6);
    EXPECT_EQ(read(socket), "answer");
    EXPECT_EQ(read(socket), "(end)");
    std::optional<SentPiece> piece;
    while ((piece = due())) {
        answer(*piece);
        if (piece->event != StreamEvent::Data) break;
        EXPECT_EQ(piece->position, got.size());
        got += piece->data;
        guest(0, StreamEvent::Credit, static_cast<std::uint32_t>(got.size()));
    }
    EXPECT_EQ(got, text);
    ASSERT_TRUE(piece);
    EXPECT_EQ(piece->event, StreamEvent::Finish);
    EXPECT_EQ(next().event, StreamEvent::Close);
    guest_closes(0);
    EXPECT_FALSE(due());
}

TEST_F(GuestLineTest, ALateAnswerToACloseEndsNoStreamThatHasTheNumberNow) {
    sys::UniqueFd first = open();
    const std::uint32_t name = names_[0];
    first.reset();
    const SentPiece close = next();
    EXPECT_EQ(close.event, StreamEvent::Close);
    EXPECT_EQ(close.position, name);
    guest_closes(0);
    const sys::UniqueFd second = open();
    guest(0, StreamEvent::Close, name);
    guest(0, StreamEvent::Data, 0, "here");
    EXPECT_EQ(read(second), "here");
}

TEST_F(GuestLineTest, AVmmThatTakesNoMailKeepsOnlyItsOwnStreamsWaiting) {
    const sys::UniqueFd stuck = client(1);
    for (int i = 0; i < 3; ++i) {
        const auto piece = due();
        ASSERT_TRUE(piece);
        EXPECT_EQ(piece->app, 1u);
        answer(*piece, CommandResult::Busy);
        now_ += GuestLine::repeat_after;
    }
    const sys::UniqueFd other = client(2);
    std::vector<unsigned> apps;
    for (int i = 0; i < 4; ++i) {
        const auto piece = due();
        if (!piece) break;
        apps.push_back(piece->app);
        answer(*piece, piece->app == 1 ? CommandResult::Busy : CommandResult::Done);
    }
    EXPECT_EQ(std::ranges::count(apps, 2u), 1);
    // It comes to life.
    now_ += GuestLine::repeat_after;
    const SentPiece open = next();
    EXPECT_EQ(open.app, 1u);
    EXPECT_EQ(open.event, StreamEvent::Open);
    guest(open.stream, StreamEvent::Open);
    EXPECT_TRUE(read(stuck).starts_with("OK "));
}

TEST_F(GuestLineTest, WhatWasPutAsideGoesAtOnceWhenItsVmmTellsOfRoom) {
    const sys::UniqueFd socket = open();
    write(socket, "a");
    const auto first = due();
    ASSERT_TRUE(first);
    answer(*first, CommandResult::Busy);
    EXPECT_FALSE(due());
    guest(0, StreamEvent::Room);
    EXPECT_EQ(next().data, "a");
    guest(0, StreamEvent::Room);
    EXPECT_FALSE(due());
}

TEST_F(GuestLineTest, TheLoopHasAnEventWhenTimeBringsTheNextPiece) {
    const sys::UniqueFd socket = open();
    write(socket, "a");
    const auto first = due();
    ASSERT_TRUE(first);
    // Not acknowledged: it is due again then.
    EXPECT_TRUE(loop_.run_once(10'000).value());
    EXPECT_GE(GuestLine::Clock::now(), now_ + GuestLine::repeat_after);
    now_ += GuestLine::repeat_after;
    EXPECT_EQ(due()->sequence, first->sequence);
}

TEST_F(GuestLineTest, WhatWasPutAsideGoesWithItsStream) {
    sys::UniqueFd socket = open();
    write(socket, "to nobody");
    const auto piece = due();
    ASSERT_TRUE(piece);
    answer(*piece, CommandResult::Busy);
    guest_closes(0);
    now_ += GuestLine::repeat_after;
    EXPECT_FALSE(due());
    const sys::UniqueFd next_one = client();
    EXPECT_EQ(next().event, StreamEvent::Open);
}

TEST_F(GuestLineTest, WhereNobodyListensTheClientIsClosed) {
    const sys::UniqueFd socket = client();
    EXPECT_EQ(next().event, StreamEvent::Open);
    guest_closes(0);
    EXPECT_EQ(read(socket), "(end)");
    EXPECT_FALSE(due());
}

TEST_F(GuestLineTest, TheEndOfAnAppEndsItsStreamsOnceTheyAreRead) {
    const sys::UniqueFd socket = open();
    write(socket, "x");
    EXPECT_TRUE(due());
    guest(0, StreamEvent::Data, 0, "last words");
    line_.app_over(1);
    turn();
    EXPECT_EQ(read(socket), "last words");
    EXPECT_EQ(read(socket), "(end)");
    EXPECT_FALSE(due());
}

TEST_F(GuestLineTest, AnAppThatDoesNotRunHasNoStreams) {
    const sys::UniqueFd socket = client();
    const auto piece = due();
    ASSERT_TRUE(piece);
    answer(*piece, CommandResult::NotRunning);
    EXPECT_EQ(read(socket), "(end)");
}

TEST_F(GuestLineTest, MoreClientsThanNumbersWaitForOne) {
    std::vector<sys::UniqueFd> sockets;
    for (std::size_t i = 0; i < msg::max_streams + 1; ++i) sockets.push_back(client());
    for (std::size_t i = 0; i < msg::max_streams; ++i) EXPECT_EQ(next().stream, i);
    EXPECT_FALSE(due());
    guest_closes(3);
    EXPECT_EQ(next().stream, 3u);
}

TEST_F(GuestLineTest, WhileStreamsAreOpenTheTargetIsHeardEachSecond) {
    const sys::UniqueFd socket = open();
    EXPECT_FALSE(due());
    now_ += GuestLine::longest_silence;
    const auto piece = due();
    ASSERT_TRUE(piece);
    EXPECT_EQ(piece->event, StreamEvent::Credit);
    answer(*piece);
    EXPECT_FALSE(due());
}

}  // namespace
}  // namespace kos::instance
