// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Relays and exchanges over UNIX sockets, without a guest; the rest needs one (tests/kosinit).
#include "kosinit/sockets/connecting.hpp"
#include "kosinit/sockets/steering.hpp"
#include "kosinit/supervise/test_context.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace kos::init {
namespace {

class RelayTest : public ContextTest {
   protected:
    RelayTest() {
        SocketPair local = make_pair(SOCK_STREAM | SOCK_NONBLOCK),
                   host = make_pair(SOCK_STREAM | SOCK_NONBLOCK);
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

class ExchangeTest : public ContextTest {
   protected:
    ExchangeTest() {
        SocketPair pair = make_pair(SOCK_STREAM | SOCK_NONBLOCK);
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
    const ServiceNetwork network{
        .own = {3}, .names = {{"b", 9}, {"me", 3}, {"a", 2}, {"alias", 9}}, .unnamed = {5}};
    EXPECT_EQ(peers_of(network), (std::vector<Ipv4Address>{2, 5, 9}));
}

}  // namespace
}  // namespace kos::init
