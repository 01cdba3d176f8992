// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sessions and the bridge over UNIX sockets, without a guest.
#include "kosinit/control/bridge.hpp"
#include "kosinit/control/bridged_connection.hpp"
#include "kosinit/control/server.hpp"
#include "kosinit/supervise/test_context.hpp"
#include "lib/guest/encode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <sys/socket.h>

namespace kos::init {
namespace {

std::vector<guest::FrameType> types_of(std::string_view text) {
    std::vector<guest::FrameType> types;
    Bytes bytes = as_bytes(text);
    for (;;) {
        const auto taken = guest::take_frame(bytes);
        if (!taken || !*taken) return types;
        types.push_back((*taken)->frame.type);
        bytes = bytes.subspan((*taken)->size);
    }
}

class SessionTest : public ContextTest {
   protected:
    static Inventory one_service() {
        Inventory inventory;
        inventory.services.push_back({.name = "main", .bundle = "/none", .service = {}});
        return inventory;
    }

    /// What is answered to \p text, sent after Hello in pieces of \p step bytes.
    std::string ask(const std::string& text, std::size_t step = 1u << 20) {
        const std::string all = guest::encode(guest::Hello{}) + text;
        for (std::size_t at = 0; at < all.size(); at += step) {
            write(host_.get(), all.substr(at, step));
            settle();
        }
        return read(host_.get());
    }

    Supervisor supervisor_{context_, one_service(), [](bool) {}};
    SocketPair ends_ = make_pair(SOCK_STREAM);
    sys::UniqueFd host_ = std::move(ends_.ours);
    bool is_gone_ = false;
    Session session_{context_, supervisor_, std::move(ends_.theirs), [this] { is_gone_ = true; }};
};

using enum guest::FrameType;
using testing::ElementsAre;

TEST_F(SessionTest, ARequestIsAnsweredHoweverItsBytesArrive) {
    const std::string query = guest::encode(guest::QueryStatus{});
    EXPECT_THAT(types_of(ask(query, 1)), ElementsAre(Hello, GuestStatus, ContainerStatus, Done));
}

TEST_F(SessionTest, SeveralRequestsAreAnsweredInTurn) {
    const std::string query = guest::encode(guest::QueryStatus{});
    EXPECT_EQ(types_of(ask(query + query + query)).size(), 10u);
}

TEST_F(SessionTest, AttachGivesWhatTheRingHas) {
    journal_.append("main", guest::Stream::Output, "one");
    journal_.append("other", guest::Stream::Output, "two");
    const std::string attach = guest::encode(guest::Attach{"main", 0, 0});
    EXPECT_THAT(types_of(ask(attach)),
                ElementsAre(Hello, Log, ContainerStatus, ContainerStatus, Done));
}

TEST_F(SessionTest, AFollowerGetsWhatComes) {
    const std::string attach = guest::encode(guest::Attach{"main", guest::Attach::follow, 0});
    EXPECT_THAT(types_of(ask(attach)), ElementsAre(Hello, ContainerStatus));
    journal_.append("main", guest::Stream::Error, "more");
    settle();
    EXPECT_THAT(types_of(read(host_.get())), ElementsAre(Log));
}

TEST_F(SessionTest, ASlowLosslessFollowerLeavesNoRoom) {
    const std::uint32_t flags = guest::Attach::follow | guest::Attach::lossless;
    journal_.set_capacity(256u << 10);
    ask(guest::encode(guest::Attach{"main", flags, 0}));
    const std::string part(8192, 'x');
    int records = 0;
    for (; records < 10'000 && journal_.has_room(part.size()); ++records) {
        journal_.append("main", guest::Stream::Output, part);
        settle();
    }
    EXPECT_LT(records, 10'000);
    std::size_t logs = 0;
    for (std::string text; !(text = read(host_.get())).empty(); settle()) logs += text.size();
    EXPECT_GT(logs, static_cast<std::size_t>(records) * part.size());
    EXPECT_TRUE(journal_.has_room(part.size()));
}

TEST_F(SessionTest, AVersionThatNobodySpeaksIsRefused) {
    write(host_.get(), guest::encode(guest::Hello{guest::protocol_magic, 9}));
    settle();
    EXPECT_THAT(types_of(read(host_.get())), ElementsAre(Hello, Failed));
    EXPECT_TRUE(is_at_end(host_.get()));
}

TEST_F(SessionTest, WhatIsNoFrameEndsTheConnection) {
    EXPECT_THAT(types_of(ask(std::string(100, '\xff'))), ElementsAre(Hello, Failed));
    EXPECT_TRUE(is_at_end(host_.get()));
    host_.reset();
    settle();
    EXPECT_TRUE(is_gone_);
}

TEST_F(SessionTest, ContainersThatDoNotRunAreSaidToNotRun) {
    std::string storage;
    const std::vector<std::string> words{"true"};
    const auto list = guest::make_list(words, storage);
    const std::string text = guest::encode(guest::Signal{"main", 15, 0}) +
                             guest::encode(guest::QueryUsage{"../../x"}) +
                             guest::encode(guest::Exec{"main", 0, 0, 0, "", "", list, {}});
    EXPECT_THAT(types_of(ask(text)), ElementsAre(Hello, Failed, Failed, Failed));
}

class BridgeTest : public ContextTest {
   protected:
    static std::string frame(const std::string& text) {
        const Le32 head{static_cast<std::uint32_t>(text.size())};
        return std::string{as_text(bytes_of(head))} + text;
    }

    SocketPair packets_ = make_pair(SOCK_SEQPACKET);
    SocketPair stream_ = make_pair(SOCK_STREAM);
    sys::Fd client_ = packets_.ours.get();
    sys::Fd host_ = stream_.ours.get();
    int ends_ = 0;
    BridgedConnection connection_{context_, std::move(packets_.theirs), std::move(stream_.theirs),
                                  [this] { ++ends_; }};
};

TEST_F(BridgeTest, MessagesBecomeFramesAndBack) {
    write(client_, "hello");
    write(client_, "");
    settle();
    EXPECT_EQ(read(host_), frame("hello") + frame(""));
    const std::string two = frame("one") + frame("two");
    for (const char byte : two) {
        write(host_, {byte});
        settle();
    }
    EXPECT_EQ(read(client_), "one");
    EXPECT_EQ(read(client_), "two");
}

TEST_F(BridgeTest, BehindTheAnswerToAttachItIsAByteStream) {
    write(client_, "attach");
    settle();
    EXPECT_EQ(read(host_), frame("attach"));
    const std::string answer{"\x89\0\0\0\7\0\0\0", 8};
    write(host_, frame(answer) + "bytes " + std::string(5000, 'x'));
    settle();
    EXPECT_EQ(read(client_), answer);
    std::string got = read(client_);
    EXPECT_EQ(got.size(), 4096u) << "for which a container has room";
    got += read(client_);
    EXPECT_EQ(got, "bytes " + std::string(5000, 'x'));
    write(client_, "any");
    write(client_, "thing");
    settle();
    EXPECT_EQ(read(host_), "anything");
    ::shutdown(client_, SHUT_WR);
    settle();
    EXPECT_TRUE(is_at_end(host_));
    write(host_, "more");
    settle();
    EXPECT_EQ(read(client_), "more");
    EXPECT_EQ(ends_, 0);
}

TEST_F(BridgeTest, AnAttachThatIsRefusedLeavesFrames) {
    const std::string refused{"\x89\0\6\0\7\0\0\0", 8};
    write(host_, frame(refused) + frame("next"));
    settle();
    EXPECT_EQ(read(client_), refused);
    EXPECT_EQ(read(client_), "next");
}

TEST_F(BridgeTest, AHalfThatIsClosedIsPassedOnAfterWhatWasSent) {
    write(client_, "last");
    ::shutdown(client_, SHUT_WR);
    settle();
    EXPECT_EQ(read(host_), frame("last"));
    EXPECT_TRUE(is_at_end(host_));
    write(host_, frame("answer"));
    settle();
    EXPECT_EQ(read(client_), "answer");
    EXPECT_EQ(ends_, 0);
    ::shutdown(host_, SHUT_WR);
    settle();
    EXPECT_EQ(ends_, 1);
}

TEST_F(BridgeTest, AClientThatIsGoneEndsTheConnection) {
    packets_.ours.reset();
    settle();
    EXPECT_EQ(ends_, 1);
    EXPECT_TRUE(is_at_end(host_));
}

TEST_F(BridgeTest, AFrameThatIsTooLongOrCutShortEndsTheConnection) {
    const Le32 head{static_cast<std::uint32_t>(longest_message + 1)};
    write(host_, std::string{as_text(bytes_of(head))});
    settle();
    EXPECT_EQ(ends_, 1);
}

TEST_F(BridgeTest, AClientThatDoesNotReadStopsTheHost) {
    const std::string part = frame(std::string(4000, 'x'));
    std::size_t sent = 0;
    while (::send(host_, part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(part.size())) {
        ++sent;
        settle();
        ASSERT_LT(sent, 10'000u);
    }
    EXPECT_EQ(ends_, 0);
    std::size_t received = 0;
    for (; !read(client_).empty(); settle()) ++received;
    EXPECT_GE(received, sent);
}

}  // namespace
}  // namespace kos::init
