// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sessions and the bridge over UNIX sockets, without a guest.
#include "kosinit/control/bridge.hpp"
#include "kosinit/control/bridged_connection.hpp"
#include "kosinit/control/server.hpp"
#include "lib/guest/encode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <sys/socket.h>

namespace kos::init {
namespace {

std::pair<sys::UniqueFd, sys::UniqueFd> make_pair(int type) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()), 0);
    return {sys::UniqueFd{ends[0]}, sys::UniqueFd{ends[1]}};
}

class ControlTest : public testing::Test {
   protected:
    /// Until nothing happens any more.
    void settle() {
        for (;;) {
            timers_.run_due();
            if (!must(loop_.run_once(0), "epoll") && timers_.next_ms() != 0) return;
        }
    }
    /// What there is to read now.
    static std::string receive(sys::Fd socket) {
        std::string text(256 << 10, '\0');
        const ssize_t count = ::recv(socket, text.data(), text.size(), MSG_DONTWAIT);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
    static bool is_at_end(sys::Fd socket) {
        char byte = 0;
        return ::recv(socket, &byte, 1, MSG_DONTWAIT) == 0;
    }
    static void write(sys::Fd socket, const std::string& text) {
        ASSERT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    sys::EventLoop loop_ = must(sys::EventLoop::create(), "epoll");
    Timers timers_;
    Journal journal_{1u << 20};
    Children children_;
    Launcher launcher_{loop_, children_};
    Context context_{loop_, timers_, journal_, children_, launcher_};
};

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

class SessionTest : public ControlTest {
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
        return receive(host_.get());
    }

    Supervisor supervisor_{context_, one_service(), [](bool) {}};
    std::pair<sys::UniqueFd, sys::UniqueFd> ends_ = make_pair(SOCK_STREAM);
    sys::UniqueFd host_ = std::move(ends_.first);
    bool is_gone_ = false;
    Session session_{context_, supervisor_, std::move(ends_.second), [this] { is_gone_ = true; }};
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
    EXPECT_THAT(types_of(receive(host_.get())), ElementsAre(Log));
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
    for (std::string text; !(text = receive(host_.get())).empty(); settle()) logs += text.size();
    EXPECT_GT(logs, static_cast<std::size_t>(records) * part.size());
    EXPECT_TRUE(journal_.has_room(part.size()));
}

TEST_F(SessionTest, AVersionThatNobodySpeaksIsRefused) {
    write(host_.get(), guest::encode(guest::Hello{guest::protocol_magic, 9}));
    settle();
    EXPECT_THAT(types_of(receive(host_.get())), ElementsAre(Hello, Failed));
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

class BridgeTest : public ControlTest {
   protected:
    static std::string frame(const std::string& text) {
        const Le32 head{static_cast<std::uint32_t>(text.size())};
        return std::string{as_text(bytes_of(head))} + text;
    }

    std::pair<sys::UniqueFd, sys::UniqueFd> packets_ = make_pair(SOCK_SEQPACKET);
    std::pair<sys::UniqueFd, sys::UniqueFd> stream_ = make_pair(SOCK_STREAM);
    sys::Fd client_ = packets_.first.get();
    sys::Fd host_ = stream_.first.get();
    int ends_ = 0;
    BridgedConnection connection_{context_, std::move(packets_.second), std::move(stream_.second),
                                  [this] { ++ends_; }};
};

TEST_F(BridgeTest, MessagesBecomeFramesAndBack) {
    write(client_, "hello");
    write(client_, "");
    settle();
    EXPECT_EQ(receive(host_), frame("hello") + frame(""));
    const std::string two = frame("one") + frame("two");
    for (const char byte : two) {
        write(host_, {byte});
        settle();
    }
    EXPECT_EQ(receive(client_), "one");
    EXPECT_EQ(receive(client_), "two");
}

TEST_F(BridgeTest, BehindTheAnswerToAttachItIsAByteStream) {
    write(client_, "attach");
    settle();
    EXPECT_EQ(receive(host_), frame("attach"));
    const std::string answer{"\x89\0\0\0\7\0\0\0", 8};
    write(host_, frame(answer) + "bytes " + std::string(5000, 'x'));
    settle();
    EXPECT_EQ(receive(client_), answer);
    std::string got = receive(client_);
    EXPECT_EQ(got.size(), 4096u) << "for which a container has room";
    got += receive(client_);
    EXPECT_EQ(got, "bytes " + std::string(5000, 'x'));
    write(client_, "any");
    write(client_, "thing");
    settle();
    EXPECT_EQ(receive(host_), "anything");
    ::shutdown(client_, SHUT_WR);
    settle();
    EXPECT_TRUE(is_at_end(host_));
    write(host_, "more");
    settle();
    EXPECT_EQ(receive(client_), "more");
    EXPECT_EQ(ends_, 0);
}

TEST_F(BridgeTest, AnAttachThatIsRefusedLeavesFrames) {
    const std::string refused{"\x89\0\6\0\7\0\0\0", 8};
    write(host_, frame(refused) + frame("next"));
    settle();
    EXPECT_EQ(receive(client_), refused);
    EXPECT_EQ(receive(client_), "next");
}

TEST_F(BridgeTest, AHalfThatIsClosedIsPassedOnAfterWhatWasSent) {
    write(client_, "last");
    ::shutdown(client_, SHUT_WR);
    settle();
    EXPECT_EQ(receive(host_), frame("last"));
    EXPECT_TRUE(is_at_end(host_));
    write(host_, frame("answer"));
    settle();
    EXPECT_EQ(receive(client_), "answer");
    EXPECT_EQ(ends_, 0);
    ::shutdown(host_, SHUT_WR);
    settle();
    EXPECT_EQ(ends_, 1);
}

TEST_F(BridgeTest, AClientThatIsGoneEndsTheConnection) {
    packets_.first.reset();
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
    for (; !receive(client_).empty(); settle()) ++received;
    EXPECT_GE(received, sent);
}

}  // namespace
}  // namespace kos::init
