// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/vsock/router.hpp"

#include "vmm/virtio/vsock/test/fake_peers.hpp"

#include <gtest/gtest.h>

namespace kos::virtio {
namespace {

/// Two host's ends on one device.
class SocketRouterTest : public testing::Test {
   protected:
    SocketRouterTest() {
        router_.attach(device_);
        first_.device = second_.device = &device_;
        router_.listen(1000, second_);
        for (int i = 0; i < 16; ++i) bed_.chain(0).writable(256).submit();
        bed_.notify(0);
    }
    void put(SocketOperation operation, StreamPorts ports, const std::string& payload = {}) {
        SocketHeader header = SocketBed::header(operation, ports);
        header.length = static_cast<std::uint32_t>(payload.size());
        auto chain = bed_.chain(1).readable(header);
        if (!payload.empty()) chain.readable(payload);
        chain.submit();
        bed_.notify(1);
        (void)bed_.queue(1).used();
    }
    SocketOperation next() {
        const auto used = bed_.queue(0).used();
        if (!used) return SocketOperation::Invalid;
        return static_cast<SocketOperation>(
            std::uint16_t{value_in<SocketHeader>(used->answer).operation});
    }

    FakeHost first_, second_;
    SocketRouter router_;
    std::vector<Connection> storage_{8};
    Socket device_{router_, test_cid, storage_};
    DeviceBed bed_{device_, 0, 8 << 20};
};

TEST_F(SocketRouterTest, AStreamBelongsToWhoAskedForIt) {
    const StreamPorts ports{.guest = 1001, .host = 5000};
    const auto id = router_.connect(first_, ports, 4096);
    ASSERT_TRUE(id);
    EXPECT_EQ(next(), SocketOperation::Request);
    put(SocketOperation::Response, ports);
    EXPECT_TRUE(first_.streams[*id].open);
    put(SocketOperation::ReadWrite, ports, "hello");
    EXPECT_EQ(first_.streams[*id].received, "hello");
    first_.say(*id, "you");
    EXPECT_EQ(next(), SocketOperation::ReadWrite);
    put(SocketOperation::Reset, ports);
    EXPECT_TRUE(first_.streams[*id].closed);
    EXPECT_TRUE(second_.streams.empty());
}

TEST_F(SocketRouterTest, TheGuestReachesThePortsThatAreListenedOn) {
    put(SocketOperation::Request, {.guest = 1, .host = 1000});
    EXPECT_EQ(next(), SocketOperation::Response);
    ASSERT_EQ(second_.streams.size(), 1u);
    EXPECT_TRUE(first_.streams.empty());
    put(SocketOperation::Request, {.guest = 1, .host = 1001});
    EXPECT_EQ(next(), SocketOperation::Reset);
    EXPECT_EQ(second_.streams.size(), 1u);
}

TEST_F(SocketRouterTest, WhatComesOfAForgottenStreamIsDropped) {
    const StreamPorts ports{.guest = 1001, .host = 5000};
    const auto id = router_.connect(first_, ports, 4096);
    ASSERT_TRUE(id);
    EXPECT_EQ(next(), SocketOperation::Request);
    put(SocketOperation::Response, ports);
    device_.close(*id);
    router_.forget(*id);
    EXPECT_EQ(next(), SocketOperation::Shutdown);
    put(SocketOperation::ReadWrite, ports, "late");
    EXPECT_EQ(first_.streams[*id].received, "");
    put(SocketOperation::Reset, ports);
    EXPECT_FALSE(first_.streams[*id].closed);
    EXPECT_EQ(device_.streams(), 0u);
}

}  // namespace
}  // namespace kos::virtio
