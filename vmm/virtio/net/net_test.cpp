// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/net/net.hpp"

#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace kos::virtio {
namespace {

constexpr MacAddress mac{0x02, 0, 0, 0, 0, 1};

struct FakeLink final : Link {
    Features offloads() const override { return takes; }
    void guest_accepts(Features offloads) override { guest = offloads; }
    void send(const NetHeader& header, ReadableBuffers frame) override {
        std::string text(frame.size(), 0);
        frame.read(std::as_writable_bytes(std::span{text}));
        frames.push_back(text);
        headers.push_back(header);
    }
    void receive_ready() override { ++ready; }

    Features takes = net_host_offloads;
    Features guest = 0;
    std::vector<std::string> frames;
    std::vector<NetHeader> headers;
    int ready = 0;
};

struct NetTest : testing::Test {
    NetTest() { link.takes = net_host_offloads; }
    Delivery deliver(const std::string& frame, const NetHeader& header = {}) {
        return device.deliver(header, as_bytes(frame));
    }
    FakeLink link;
    Net device{link, mac, 1400};
    DeviceBed bed{device, device.offered()};
};

TEST_F(NetTest, AFrameIsSentWithoutItsHeader) {
    const std::string frame(60, 'f');
    bed.chain(1)
        .readable(NetHeader{})
        .readable(frame.substr(0, 20))
        .readable(frame.substr(20))
        .submit();
    EXPECT_EQ(bed.answer(1).value().written, 0u);
    ASSERT_EQ(link.frames.size(), 1u);
    EXPECT_EQ(link.frames[0], frame);
}

TEST_F(NetTest, AFrameThatItsHeaderDoesNotFitIsDropped) {
    NetHeader header;
    header.flags = net_needs_checksum;
    header.checksum_start = std::uint16_t{59};
    bed.chain(1).readable(header).readable(std::string(60, 'f')).submit();
    EXPECT_TRUE(bed.answer(1));
    EXPECT_TRUE(link.frames.empty());
    EXPECT_EQ(device.net_metrics().dropped_sent, 1u);
}

TEST_F(NetTest, AFrameWithoutAHeaderStopsTheDevice) {
    bed.chain(1).readable("short").submit();
    bed.notify(1);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Header});
}

TEST_F(NetTest, AFrameIsDeliveredAcrossMergedBuffers) {
    for (int i = 0; i < 4; ++i) bed.chain(0).writable(100).submit();
    std::string frame;
    for (int i = 0; i < 250; ++i) frame.push_back(static_cast<char>(i));
    ASSERT_EQ(deliver(frame), Delivery::Done);
    std::string received;
    std::uint16_t buffers = 0;
    while (const auto used = bed.queue(0).used()) {
        if (buffers++ == 0) {
            EXPECT_EQ(value_in<NetHeader>(used->answer).num_buffers, 3u);
        }
        received += as_text(used->answer);
    }
    EXPECT_EQ(buffers, 3u);
    EXPECT_EQ(received.substr(sizeof(NetHeader)), frame);
    EXPECT_TRUE(bed.transport.interrupts[0]);
}

TEST_F(NetTest, AFrameWithoutBuffersWaitsUntilThereAreSome) {
    bed.chain(0).writable(100).submit();
    EXPECT_EQ(deliver(std::string(200, 'a')), Delivery::NoBuffers);
    EXPECT_FALSE(bed.queue(0).used());
    bed.chain(0).writable(200).submit();
    EXPECT_TRUE(bed.queue(0).device_wants_notification());
    bed.notify(0);
    EXPECT_EQ(link.ready, 1);
    EXPECT_EQ(deliver(std::string(200, 'a')), Delivery::Done);
    EXPECT_EQ(bed.queue(0).used()->written, 100u);
    EXPECT_EQ(bed.queue(0).used()->written, 112u);
}

TEST_F(NetTest, ALinkThatWaitsHearsOfAReset) {
    EXPECT_EQ(deliver(std::string(60, 'a')), Delivery::NoBuffers);
    device.reset();
    EXPECT_EQ(link.ready, 1);
}

TEST_F(NetTest, ABufferWithoutRoomForTheHeaderStopsTheDevice) {
    bed.chain(0).writable(11).submit();
    EXPECT_EQ(deliver(std::string(60, 'a')), Delivery::NoBuffers);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Answer});
}

TEST_F(NetTest, TheGuestLearnsTheLinksOffloadsAndTheLinkTheGuests) {
    EXPECT_EQ(link.guest, net_guest_offloads);
    link.takes = 0;
    EXPECT_EQ(device.offered() & net_host_offloads, 0u);
    NetConfig config;
    device.read_config(0, std::as_writable_bytes(std::span{&config, 1}));
    EXPECT_EQ(config.mac, mac);
    EXPECT_EQ(config.mtu, 1400u);
    EXPECT_EQ(config.status, net_link_up);
    device.set_link(false);
    device.set_link(false);
    EXPECT_EQ(bed.transport.config_changes, 1);
}

struct PlainNet : testing::Test {
    FakeLink link;
    Net device{link, mac};
    DeviceBed bed{device, net_mac};
};

TEST_F(PlainNet, TheChecksumIsMadeForAGuestThatCannot) {
    NetHeader header;
    header.flags = net_needs_checksum;
    header.checksum_start = std::uint16_t{34};
    header.checksum_offset = std::uint16_t{6};
    std::string frame(60, 0);
    frame[34] = 0x12;
    frame[35] = 0x34;
    bed.chain(0).writable(45).writable(1500).submit();
    ASSERT_EQ(device.deliver(header, as_bytes(frame)), Delivery::Done);
    const auto used = bed.queue(0).used();
    EXPECT_EQ(value_in<NetHeader>(used->answer).flags, 0);
    EXPECT_EQ(used->answer[12 + 40], std::byte{0xed});
    EXPECT_EQ(used->answer[12 + 41], std::byte{0xcb});
    EXPECT_EQ(used->answer.size(), 72u);
}

TEST_F(PlainNet, AGuestWithoutChecksumsSeesNoFlags) {
    NetHeader header;
    header.flags = net_data_valid;
    bed.chain(0).writable(100).submit();
    ASSERT_EQ(device.deliver(header, as_bytes(std::string(60, 0))), Delivery::Done);
    EXPECT_EQ(value_in<NetHeader>(bed.queue(0).used()->answer).flags, 0);
}

TEST_F(PlainNet, SegmentsForAGuestThatCannotAreDropped) {
    NetHeader header;
    header.flags = net_needs_checksum;
    header.checksum_start = std::uint16_t{34};
    header.gso_type = gso_tcp4;
    header.gso_size = std::uint16_t{1448};
    bed.chain(0).writable(10000).submit();
    EXPECT_EQ(device.deliver(header, as_bytes(std::string(9000, 0))), Delivery::Dropped);
}

TEST_F(PlainNet, AFrameThatDoesNotFitItsOneBufferIsDropped) {
    bed.chain(0).writable(50).submit();
    bed.chain(0).writable(50).submit();
    EXPECT_EQ(device.deliver({}, as_bytes(std::string(60, 0))), Delivery::Dropped);
    EXPECT_EQ(device.net_metrics().dropped_received, 1u);
}

/// Frames of all sizes through buffers of all sizes arrive whole and in order.
RC_GTEST_PROP(NetProperty, FramesArriveWholeAndInOrder, ()) {
    FakeLink link;
    Net device{link, mac};
    DeviceBed bed{device, device.offered(), 16 << 20};
    std::string received, expected;
    for (int i = 0; i < 30; ++i) {
        while (bed.queue(0).free_descriptors() > 32) {
            bed.chain(0).writable(*rc::gen::inRange<std::uint32_t>(12, 3000)).submit();
        }
        std::string frame(*rc::gen::inRange<std::size_t>(14, 4000), static_cast<char>('a' + i));
        if (device.deliver({}, as_bytes(frame)) != Delivery::Done) continue;
        expected += frame;
        auto used = bed.queue(0).used();
        int buffers = value_in<NetHeader>(used->answer).num_buffers;
        received += as_text(used->answer).substr(sizeof(NetHeader));
        while (--buffers > 0) {
            used = bed.queue(0).used();
            received += as_text(used->answer);
        }
    }
    RC_ASSERT(received == expected);
    RC_ASSERT(!received.empty());
}

}  // namespace
}  // namespace kos::virtio
