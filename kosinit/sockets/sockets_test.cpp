// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Relays and exchanges over UNIX sockets, without a guest; the rest needs one (tests/kosinit).
#include "kosinit/sockets/connecting.hpp"
#include "kosinit/sockets/steering.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace kos::init {
namespace {

struct Pair {
    sys::UniqueFd ours, theirs;
};

class SocketsTest : public testing::Test {
   protected:
    static Pair make_pair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()),
                  0);
        return {sys::UniqueFd{ends[0]}, sys::UniqueFd{ends[1]}};
    }
    /// Until nothing happens any more.
    void settle() {
        for (;;) {
            timers_.run_due();
            if (!must(loop_.run_once(0), "epoll") && timers_.next_ms() != 0) return;
        }
    }
    static std::size_t write(sys::Fd socket, const std::string& text) {
        const ssize_t count = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    static std::string read(sys::Fd socket) {
        std::string text(1 << 20, '\0');
        const ssize_t count = ::recv(socket, text.data(), text.size(), MSG_DONTWAIT);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
    static bool is_at_end(sys::Fd socket) {
        char byte = 0;
        return ::recv(socket, &byte, 1, MSG_DONTWAIT) == 0;
    }

    sys::EventLoop loop_ = must(sys::EventLoop::create(), "epoll");
    Timers timers_;
    Journal journal_{1u << 20};
    Children children_;
    Launcher launcher_{loop_, children_};
    Context context_{loop_, timers_, journal_, children_, launcher_};
};

class RelayTest : public SocketsTest {
   protected:
    RelayTest() {
        Pair local = make_pair(), host = make_pair();
        local_ = std::move(local.ours);
        host_ = std::move(host.ours);
        relays_.add(std::move(local.theirs), std::move(host.theirs));
    }
    Relays relays_{context_};
    sys::UniqueFd local_, host_;
};

TEST_F(RelayTest, EachDirectionEndsByItself) {
    write(local_.get(), "question");
    ::shutdown(local_.get(), SHUT_WR);
    settle();
    EXPECT_EQ(read(host_.get()), "question");
    EXPECT_TRUE(is_at_end(host_.get()));
    EXPECT_FALSE(is_at_end(local_.get()));
    write(host_.get(), "answer");
    settle();
    EXPECT_EQ(read(local_.get()), "answer");
    host_.reset();
    settle();
    EXPECT_TRUE(is_at_end(local_.get()));
}

TEST_F(RelayTest, WhatAPeerSentBeforeItClosedIsNotLost) {
    write(host_.get(), "answer");
    host_.reset();
    write(local_.get(), "for nobody");
    settle();
    EXPECT_EQ(read(local_.get()), "answer");
}

TEST_F(RelayTest, OneThatIsNotReadIsNotWrittenWithoutEnd) {
    const std::string part(64 << 10, 'x');
    std::size_t written = 0;
    for (int round = 0; round < 200; ++round) {
        written += write(local_.get(), part);
        settle();
    }
    EXPECT_LT(written, 4u << 20);
    std::size_t arrived = 0;
    for (int round = 0; round < 200; ++round) {
        arrived += read(host_.get()).size();
        settle();
    }
    EXPECT_EQ(arrived, written);
}

class ExchangeTest : public SocketsTest {
   protected:
    ExchangeTest() {
        Pair pair = make_pair();
        host_ = std::move(pair.ours);
        exchange(context_, std::move(pair.theirs), frame_of(message::Opcode::Accept, {}),
                 [this](Answer answer) { answer_ = std::move(answer); });
        settle();
    }
    static std::string frame(std::uint32_t size, const std::string& payload) {
        const Le32 length{size};
        return std::string{as_text(bytes_of(length))} + payload;
    }
    sys::UniqueFd host_;
    std::optional<Answer> answer_;
};

TEST_F(ExchangeTest, AnAnswerIsReadToItsEndAndNoFurther) {
    EXPECT_EQ(read(host_.get()), frame(8, std::string{"\x12\0\0\0\1\0\0\0", 8}));
    const std::string all = frame(10, std::string{"\x92\0\0\0\1\0\0\0ab", 10}) + "stream";
    for (const char byte : all) {
        write(host_.get(), std::string{byte});
        settle();
    }
    ASSERT_TRUE(answer_);
    EXPECT_EQ(answer_->status, message::Status::Ok);
    EXPECT_EQ(answer_->body, "ab");
    EXPECT_EQ(read(answer_->stream.get()), "stream");
}

TEST_F(ExchangeTest, ARefusalIsTheCallsErrno) {
    write(host_.get(), frame(8, std::string{"\x90\0\x0a\0\1\0\0\0", 8}));
    settle();
    ASSERT_TRUE(answer_);
    EXPECT_EQ(errno_of(*answer_), ECONNREFUSED);
}

TEST_F(ExchangeTest, AHostThatEndsOrSaysNonsenseHasNoAnswer) {
    write(host_.get(), frame(0x7fffffff, "junk"));
    settle();
    ASSERT_TRUE(answer_);
    EXPECT_FALSE(answer_->status);
}

TEST_F(ExchangeTest, AHostThatClosesHasNoAnswer) {
    host_.reset();
    settle();
    ASSERT_TRUE(answer_);
    EXPECT_EQ(errno_of(*answer_), ECONNREFUSED);
}

TEST(EndTest, Ipv4AddressesAreFoundInBothFamilies) {
    sockaddr_storage storage{};
    auto& six = reinterpret_cast<sockaddr_in6&>(storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(80);
    EXPECT_EQ(end_of(storage, sizeof six), (End{0, 80}));
    ASSERT_EQ(::inet_pton(AF_INET6, "::ffff:10.1.0.2", &six.sin6_addr), 1);
    EXPECT_EQ(end_of(storage, sizeof six), (End{0x0a010002, 80}));
    EXPECT_FALSE(end_of(storage, 8));
    ASSERT_EQ(::inet_pton(AF_INET6, "::1", &six.sin6_addr), 1);
    EXPECT_FALSE(end_of(storage, sizeof six));
}

TEST(SteeringTest, PeersAreTheOthersEachOnce) {
    const ServiceNetwork network{.own = {3},
                                 .names = {{"b", 9}, {"me", 3}, {"a", 2}, {"alias", 9}}};
    EXPECT_EQ(peers_of(network), (std::vector<Ipv4Address>{2, 9}));
}

}  // namespace
}  // namespace kos::init
