// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/host_streams.hpp"

#include "vmm/virtio/vsock/test/fake_peers.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>

namespace kos::vmm {
namespace {

using msg::StreamEvent;
using virtio::SocketHeader;
using virtio::SocketOperation;
using virtio::StreamPorts;

struct Told {
    unsigned stream = 0;
    StreamEvent event{};
    std::uint32_t position = 0;
    std::string bytes;
};

/// A guest that speaks packets at one end, and the host at the other.
class HostStreamsTest : public testing::Test, public msg::HostLine {
   protected:
    HostStreamsTest() {
        router_.attach(device_);
        streams_.attach(router_);
    }
    void send(Bytes payload) override {
        const auto header = read_at<msg::StreamHeader>(payload, 0).value();
        told_.push_back({header.stream, static_cast<StreamEvent>(header.event),
                         std::uint32_t{header.position},
                         std::string{as_text(payload.subspan(sizeof(header)))}});
    }
    void host(unsigned stream, StreamEvent event, std::uint32_t position = 0,
              const std::string& bytes = {}) {
        msg::StreamHeader header;
        header.stream = static_cast<std::uint8_t>(stream);
        header.event = static_cast<std::uint8_t>(event);
        header.position = position;
        std::string payload{as_text(bytes_of(header))};
        payload += bytes;
        streams_.receive(as_bytes(payload), listens_);
    }
    Told told() {
        if (told_.empty()) return {};
        const Told first = told_.front();
        told_.pop_front();
        return first;
    }
    void offer(int count = 8, std::uint32_t size = 1024) {
        for (int i = 0; i < count; ++i) bed_.chain(0).writable(size).submit();
        bed_.notify(0);
    }
    /// The next packet to the guest.
    SocketOperation next(std::string* payload = nullptr) {
        const auto used = bed_.queue(0).used();
        if (!used) return SocketOperation::Invalid;
        last_ = virtio::value_in<SocketHeader>(used->answer);
        if (payload != nullptr) *payload = as_text(used->answer).substr(sizeof(SocketHeader));
        return static_cast<SocketOperation>(std::uint16_t{last_.operation});
    }
    void put(SocketOperation operation, const std::string& payload = {}, std::uint32_t flags = 0) {
        SocketHeader header = virtio::SocketBed::header(operation, ports_);
        header.length = static_cast<std::uint32_t>(payload.size());
        header.flags = flags;
        header.window = guest_room_;
        auto chain = bed_.chain(1).readable(header);
        if (!payload.empty()) chain.readable(payload);
        chain.submit();
        bed_.notify(1);
        (void)bed_.queue(1).used();
    }
    /// Stream \p number is open at both ends.
    void open(unsigned number = 0) {
        offer();
        host(number, StreamEvent::Open, 7);
        ASSERT_EQ(next(), SocketOperation::Request);
        ports_ = {.guest = last_.destination_port, .host = last_.source_port};
        EXPECT_EQ(ports_.guest, 1001u);
        put(SocketOperation::Response);
        ASSERT_EQ(told().event, StreamEvent::Open);
    }

    std::deque<Told> told_;
    HostStreams streams_{*this};
    virtio::SocketRouter router_;
    std::vector<virtio::Connection> storage_{8};
    virtio::Socket device_{router_, virtio::test_cid, storage_};
    virtio::DeviceBed bed_{device_, 0, 8 << 20};
    StreamPorts ports_;
    SocketHeader last_;
    std::uint32_t guest_room_ = 65536;
    bool listens_ = true;
};

TEST_F(HostStreamsTest, BytesGoBothWaysAndAreCounted) {
    open(3);
    host(3, StreamEvent::Data, 0, "hello");
    std::string payload;
    EXPECT_EQ(next(&payload), SocketOperation::ReadWrite);
    EXPECT_EQ(payload, "hello");
    const Told credit = told();
    EXPECT_EQ(credit.event, StreamEvent::Credit);
    EXPECT_EQ(credit.position, 5u);
    put(SocketOperation::ReadWrite, "you");
    put(SocketOperation::ReadWrite, "too");
    for (const auto& [position, bytes] : {std::pair{0u, "you"}, {3u, "too"}}) {
        const Told data = told();
        EXPECT_EQ(data.stream, 3u);
        EXPECT_EQ(data.event, StreamEvent::Data);
        EXPECT_EQ(data.position, position);
        EXPECT_EQ(data.bytes, bytes);
    }
}

TEST_F(HostStreamsTest, WhatIsSentTwiceCountsOnce) {
    open();
    host(0, StreamEvent::Open, 7);
    EXPECT_EQ(told().event, StreamEvent::Open);
    host(0, StreamEvent::Data, 0, "abc");
    host(0, StreamEvent::Data, 0, "abc");
    host(0, StreamEvent::Data, 3, "d");
    std::string all, payload;
    while (next(&payload) == SocketOperation::ReadWrite) all += payload;
    EXPECT_EQ(all, "abcd");
    host(0, StreamEvent::Finish, 4);
    host(0, StreamEvent::Finish, 4);
    EXPECT_EQ(next(), SocketOperation::Shutdown);
    EXPECT_EQ(next(), SocketOperation::Invalid);
}

TEST_F(HostStreamsTest, AMissingPieceEndsTheStream) {
    open();
    host(0, StreamEvent::Data, 4, "rm -rf /");
    EXPECT_EQ(told().event, StreamEvent::Close);
    EXPECT_EQ(next(), SocketOperation::Shutdown);
    host(0, StreamEvent::Data, 0, "late");
    EXPECT_EQ(told().event, StreamEvent::Close);
    EXPECT_EQ(next(), SocketOperation::Invalid);
}

TEST_F(HostStreamsTest, WhatTheGuestHasNoRoomForIsKeptAndNoMore) {
    guest_room_ = 10;
    open();
    const std::string most(msg::host_window - 10, 'a');
    host(0, StreamEvent::Data, 0, most.substr(0, 1000));
    host(0, StreamEvent::Data, 1000, most.substr(1000));
    std::string payload;
    EXPECT_EQ(next(&payload), SocketOperation::ReadWrite);
    EXPECT_EQ(payload.size(), 10u);
    EXPECT_TRUE(told_.empty());
    host(0, StreamEvent::Data, static_cast<std::uint32_t>(most.size()), std::string(10, 'b'));
    EXPECT_TRUE(told_.empty());
    // What the guest has taken meanwhile does not count before it is told.
    host(0, StreamEvent::Data, msg::host_window, "c");
    EXPECT_EQ(told().event, StreamEvent::Close);
}

TEST_F(HostStreamsTest, TheGuestHasAsMuchCreditAsTheHostGivesIt) {
    open();
    const std::string piece(4096, 'x');
    for (std::uint32_t sent = 0; sent < msg::guest_window; sent += 4096) {
        put(SocketOperation::ReadWrite, piece);
    }
    std::uint32_t count = 0;
    while (!told_.empty()) {
        EXPECT_EQ(told_.front().position, count);
        count += static_cast<std::uint32_t>(told().bytes.size());
    }
    EXPECT_EQ(count, msg::guest_window);
    host(0, StreamEvent::Credit, msg::guest_window + 1);  // what was never sent
    host(0, StreamEvent::Credit, msg::guest_window);
    EXPECT_EQ(next(), SocketOperation::CreditUpdate);
    EXPECT_EQ(last_.forwarded, msg::guest_window);
    put(SocketOperation::ReadWrite, piece);
    EXPECT_EQ(told().event, StreamEvent::Data);
}

TEST_F(HostStreamsTest, AGuestThatIgnoresItsCreditLosesTheStream) {
    open();
    for (int i = 0; i < 4; ++i) put(SocketOperation::ReadWrite, std::string(4096, 'x'));
    put(SocketOperation::ReadWrite, "y");
    while (told_.size() > 1) (void)told();
    EXPECT_EQ(told().event, StreamEvent::Close);
}

TEST_F(HostStreamsTest, TheEndOfTheGuestsBytesAndOfTheStreamAreTold) {
    open();
    put(SocketOperation::ReadWrite, "bye");
    EXPECT_EQ(told().event, StreamEvent::Data);
    put(SocketOperation::Shutdown, {}, virtio::shutdown_send);
    const Told finish = told();
    EXPECT_EQ(finish.event, StreamEvent::Finish);
    EXPECT_EQ(finish.position, 3u);
    put(SocketOperation::Shutdown, {}, virtio::shutdown_receive);
    EXPECT_EQ(told().event, StreamEvent::Close);
    EXPECT_EQ(device_.streams(), 0u);
}

TEST_F(HostStreamsTest, AGuestThatIsNotThereYetRefuses) {
    listens_ = false;
    offer();
    host(0, StreamEvent::Open, 1);
    EXPECT_EQ(told().event, StreamEvent::Close);
    EXPECT_EQ(next(), SocketOperation::Invalid);
}

TEST_F(HostStreamsTest, AStreamThatIsOpenedAnewTakesThePlaceOfTheLast) {
    open();
    host(0, StreamEvent::Open, 8);
    EXPECT_EQ(next(), SocketOperation::Reset);
    EXPECT_EQ(next(), SocketOperation::Request);
    EXPECT_TRUE(told_.empty());
}

TEST_F(HostStreamsTest, ALateCloseEndsNoStreamThatHasTheNumberNow) {
    open();
    host(0, StreamEvent::Close, 6);
    const Told answer = told();
    EXPECT_EQ(answer.event, StreamEvent::Close);
    EXPECT_EQ(answer.position, 6u);
    host(0, StreamEvent::Data, 0, "on");
    std::string payload;
    EXPECT_EQ(next(&payload), SocketOperation::ReadWrite);
    EXPECT_EQ(payload, "on");
    EXPECT_EQ(told().event, StreamEvent::Credit);
    host(0, StreamEvent::Close, 7);
    EXPECT_EQ(told().position, 7u);
    EXPECT_EQ(next(), SocketOperation::Shutdown);
}

TEST_F(HostStreamsTest, MoreThanTheDeviceHasAreRefused) {
    offer(64);
    for (unsigned i = 0; i < msg::max_streams; ++i) host(i, StreamEvent::Open, 1);
    EXPECT_TRUE(told_.empty());
    for (unsigned i = 0; i < msg::max_streams; ++i) host(i, StreamEvent::Close, 1);
    EXPECT_EQ(told_.size(), msg::max_streams);
    told_.clear();
    // The guest has not answered: all places are taken.
    host(0, StreamEvent::Open, 2);
    EXPECT_EQ(told().event, StreamEvent::Close);
}

}  // namespace
}  // namespace kos::vmm
