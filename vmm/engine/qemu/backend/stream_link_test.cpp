// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's driver on one side, a peer that speaks length-prefixed frames on the other.

#include "vmm/engine/qemu/backend/stream_link.hpp"

#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>

#include <string>
#include <sys/socket.h>

namespace kos::qemu {
namespace {

using namespace virtio;

struct StreamLinkTest : testing::Test {
    StreamLinkTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        peer.reset(ends[0]);
        link = StreamLink::create(loop, sys::UniqueFd{ends[1]}).value();
        device.emplace(*link, MacAddress{2, 0, 0, 0, 0, 1});
        link->attach(*device);
        bed.emplace(*device, net_mergeable | net_status);
    }
    void turn() {
        while (loop.run_once(0).value()) {
        }
    }
    void say(const std::string& bytes) {
        ASSERT_EQ(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
        turn();
    }
    static std::string framed(const std::string& frame) {
        return std::string{0, 0, static_cast<char>(frame.size() >> 8),
                           static_cast<char>(frame.size())} +
               frame;
    }
    std::string heard() {
        std::array<char, 4096> text;
        const ssize_t size = ::recv(peer.get(), text.data(), text.size(), MSG_DONTWAIT);
        return size > 0 ? std::string{text.data(), static_cast<std::size_t>(size)} : "";
    }
    /// The next frame that the guest got.
    std::string received() {
        const auto used = bed->queue(0).used();
        return used ? std::string{as_text(used->answer).substr(sizeof(NetHeader))} : "";
    }
    void give_buffer() {
        bed->chain(0).writable(2000).submit();
        bed->notify(0);
    }

    sys::EventLoop loop = sys::EventLoop::create().value();
    sys::UniqueFd peer;
    std::unique_ptr<StreamLink> link;
    std::optional<Net> device;
    std::optional<DeviceBed> bed;
    const std::string one = std::string(60, '1'), two = std::string(300, '2');
};

TEST_F(StreamLinkTest, FramesGoBothWaysAfterTheirLength) {
    bed->chain(1).readable(NetHeader{}).readable(one).submit();
    bed->notify(1);
    EXPECT_EQ(heard(), framed(one));
    give_buffer();
    give_buffer();
    const std::string both = framed(one) + framed(two);
    say(both.substr(0, 50));
    EXPECT_EQ(received(), "");
    say(both.substr(50));
    EXPECT_EQ(received(), one);
    EXPECT_EQ(received(), two);
}

TEST_F(StreamLinkTest, AFrameWithoutBuffersWaitsForThem) {
    say(framed(one) + framed(two));
    EXPECT_EQ(received(), "");
    give_buffer();
    EXPECT_EQ(received(), one);
    give_buffer();
    EXPECT_EQ(received(), two);
}

TEST_F(StreamLinkTest, FramesFlowAgainAfterAResetOfAGuestThatHadNoBuffers) {
    say(framed(one));
    device->reset();
    say(framed(one));  // nobody is there
    bed->start(net_mergeable | net_status);
    give_buffer();
    say(framed(two));
    EXPECT_EQ(received(), two);
}

TEST_F(StreamLinkTest, APeerThatEndsOrDoesNotSpeakThisTakesTheLinkDown) {
    say(std::string(8, '\xff'));
    EXPECT_EQ(bed->transport.config_changes, 1);
    NetConfig config;
    device->read_config(0, std::as_writable_bytes(std::span{&config, 1}));
    EXPECT_EQ(config.status, 0u);
    bed->chain(1).readable(NetHeader{}).readable(one).submit();
    EXPECT_TRUE(bed->answer(1));
}

}  // namespace
}  // namespace kos::qemu
