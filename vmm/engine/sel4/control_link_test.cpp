// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/control_link.hpp"

#include "lib/guest/encode.hpp"
#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kos::vmm {
namespace {

using virtio::SocketHeader;
using virtio::SocketOperation;

struct Listener final : GuestListener {
    void container_ready() override {}
    void container_output(bool /*is_error*/, Bytes bytes) override { output += as_text(bytes); }
    void log(std::string_view /*text*/) override {}
    std::string output;
};

/// A guest that speaks packets, at the other end of the link.
class ControlLinkTest : public testing::Test {
   protected:
    static constexpr std::uint64_t cid = 3, interval = 100;

    ControlLinkTest() {
        router_.attach(device_);
        link_.attach(router_);
    }

    struct Packet {
        SocketHeader header;
        std::string payload;
    };
    /// What the guest is sent, in buffers that are there from now on.
    std::vector<Packet> take() {
        for (int i = 0; i < 8; ++i) bed_.chain(0).writable(1024).submit();
        bed_.notify(0);
        std::vector<Packet> packets;
        while (const auto used = bed_.queue(0).used()) {
            if (used->answer.empty()) continue;
            packets.push_back({virtio::value_in<SocketHeader>(used->answer),
                               std::string{as_text(used->answer).substr(sizeof(SocketHeader))}});
        }
        return packets;
    }
    void put(const SocketHeader& to, SocketOperation operation, const std::string& payload = {},
             std::uint32_t flags = 0) {
        SocketHeader header;
        header.source_cid = cid;
        header.destination_cid = virtio::host_cid;
        header.source_port = std::uint32_t{to.destination_port};
        header.destination_port = std::uint32_t{to.source_port};
        header.type = virtio::socket_stream;
        header.operation = static_cast<std::uint16_t>(operation);
        header.flags = flags;
        header.window = 65536u;
        header.length = static_cast<std::uint32_t>(payload.size());
        auto chain = bed_.chain(1).readable(header);
        if (!payload.empty()) chain.readable(payload);
        chain.submit();
        bed_.notify(1);
        (void)bed_.queue(1).used();
    }
    static SocketOperation operation_of(const Packet& packet) {
        return static_cast<SocketOperation>(std::uint16_t{packet.header.operation});
    }
    /// The link asked for the stream: its request.
    Packet asked() {
        const auto packets = take();
        if (packets.size() != 1 || operation_of(packets[0]) != SocketOperation::Request) {
            ADD_FAILURE() << packets.size() << " packets instead of a request";
            return {};
        }
        EXPECT_EQ(std::uint32_t{packets[0].header.destination_port}, 1001u);
        return packets[0];
    }

    Listener listener_;
    GuestControl control_{listener_};
    ControlLink link_{control_, interval};
    std::vector<virtio::Connection> storage_{4};
    virtio::SocketRouter router_;
    virtio::Socket device_{router_, cid, storage_};
    virtio::DeviceBed bed_{device_, 0, 8 << 20};
};

TEST_F(ControlLinkTest, AGuestThatIsNotThereYetIsAskedAgainLater) {
    EXPECT_EQ(link_.next_due(), 0u);
    link_.tend(1000);
    const Packet first = asked();
    EXPECT_EQ(link_.next_due(), std::nullopt);
    put(first.header, SocketOperation::Reset);
    EXPECT_EQ(link_.next_due(), 1000 + interval);
    link_.tend(1000 + interval - 1);
    EXPECT_TRUE(take().empty());
    link_.tend(1000 + interval);
    EXPECT_NE(asked().header.source_port, first.header.source_port);
}

TEST_F(ControlLinkTest, OutputComesAndTheStreamIsClosedWhenAllIsTold) {
    link_.tend(0);
    const Packet request = asked();
    put(request.header, SocketOperation::Response);
    link_.tend(0);
    const auto greeting = take();
    ASSERT_FALSE(greeting.empty());
    EXPECT_EQ(greeting[0].payload.substr(0, guest::encode(guest::Hello{}).size()),
              guest::encode(guest::Hello{}));
    guest::Log record;
    record.container = "main";
    record.stream = guest::Stream::Output;
    record.bytes = as_bytes("hello");
    guest::ContainerStatus status;
    status.name = "main";
    status.state = guest::ContainerState::Stopped;
    status.wait_status = 3 << 8;
    put(request.header, SocketOperation::ReadWrite, guest::encode(record));
    put(request.header, SocketOperation::ReadWrite,
        guest::encode(status) + guest::encode(guest::Done{}));
    EXPECT_EQ(listener_.output, "hello");
    EXPECT_TRUE(control_.is_complete());
    (void)take();
    link_.tend(1);
    const auto packets = take();
    ASSERT_FALSE(packets.empty());
    EXPECT_EQ(operation_of(packets.back()), SocketOperation::Shutdown);
    put(request.header, SocketOperation::Reset);
    link_.tend(1'000'000);
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(link_.next_due(), std::nullopt);
}

TEST_F(ControlLinkTest, ASignalGoesToTheGuest) {
    link_.tend(0);
    const Packet request = asked();
    put(request.header, SocketOperation::Response);
    link_.tend(0);
    (void)take();
    guest::ContainerStatus status;
    status.name = "main";
    status.state = guest::ContainerState::Running;
    put(request.header, SocketOperation::ReadWrite, guest::encode(status));
    control_.signal(15);
    link_.tend(1);
    std::string sent;
    for (const Packet& packet : take()) sent += packet.payload;
    EXPECT_EQ(sent, guest::encode(guest::SignalProcess{15}));
}

TEST_F(ControlLinkTest, WhatIsNoFrameBreaksTheLink) {
    link_.tend(0);
    const Packet request = asked();
    put(request.header, SocketOperation::Response);
    (void)take();
    put(request.header, SocketOperation::ReadWrite, std::string(8, '\xff'));
    EXPECT_TRUE(link_.is_broken());
    link_.tend(1);
    EXPECT_EQ(operation_of(take().back()), SocketOperation::Shutdown);
}

TEST_F(ControlLinkTest, StreamsOfTheGuestAreRefused) {
    SocketHeader to;
    to.source_port = 1000u;
    to.destination_port = 77u;
    put(to, SocketOperation::Request);
    const auto packets = take();
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_EQ(operation_of(packets[0]), SocketOperation::Reset);
}

}  // namespace
}  // namespace kos::vmm
