// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/vsock/socket.hpp"

#include "vmm/virtio/vsock/test/fake_peers.hpp"

#include <gtest/gtest.h>

namespace kos::virtio {
namespace {

using enum SocketOperation;
constexpr StreamPorts ports{5000, 1001};

struct SocketTest : testing::Test, SocketBed {
    SocketTest() { offer_buffers(); }
    FakeHost::Stream& stream(StreamId id) { return host.streams[id]; }
};

TEST_F(SocketTest, AStreamThatTheGuestOpensCarriesBytesBothWays) {
    const StreamId id = open(ports);
    put(ReadWrite, ports, "to the host");
    EXPECT_EQ(stream(id).received, "to the host");
    host.say(id, "to the guest");
    const auto packet = get();
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->operation(), ReadWrite);
    EXPECT_EQ(packet->payload, "to the guest");
    EXPECT_EQ(packet->header.source_cid, host_cid);
    EXPECT_EQ(packet->header.destination_cid, test_cid);
    EXPECT_EQ(packet->header.source_port, ports.host);
    EXPECT_EQ(packet->header.window, host.window);
    EXPECT_EQ(packet->header.forwarded, 11u);
}

TEST_F(SocketTest, AStreamThatTheHostOpensIsOpenWithTheGuestsResponse) {
    const auto id = device.connect({1001, 7}, 4096);
    ASSERT_TRUE(id);
    EXPECT_EQ(next(), Request);
    EXPECT_FALSE(stream(*id).open);
    put(Response, {1001, 7});
    EXPECT_TRUE(stream(*id).open);
    EXPECT_FALSE(device.connect({1001, 7}, 4096));
}

TEST_F(SocketTest, AGuestThatRefusesClosesTheStream) {
    const auto id = device.connect({1001, 7}, 4096);
    EXPECT_EQ(next(), Request);
    put(Reset, {1001, 7});
    EXPECT_TRUE(stream(*id).closed);
    EXPECT_EQ(device.streams(), 0u);
}

TEST_F(SocketTest, ARefusedRequestIsReset) {
    put(Request, {5000, 99});
    EXPECT_EQ(next(), Reset);
    EXPECT_EQ(device.streams(), 0u);
}

TEST_F(SocketTest, PacketsToNobodyAreResetExceptResets) {
    put(ReadWrite, ports, "anyone?");
    EXPECT_EQ(next(), Reset);
    put(Reset, ports);
    EXPECT_EQ(next(), Invalid);
    auto seqpacket = header(Request, ports);
    seqpacket.type = std::uint16_t{2};
    put(seqpacket);
    const auto answer = get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->operation(), Reset);
    EXPECT_EQ(answer->header.type, 2u);  // or the guest would not know whom it is for
}

TEST_F(SocketTest, PacketsForOtherMachinesAreDropped) {
    auto other = header(Request, ports);
    other.destination_cid = std::uint64_t{4};
    put(other);
    other = header(Request, ports);
    other.source_cid = std::uint64_t{9};
    put(other);
    EXPECT_EQ(next(), Invalid);
    EXPECT_EQ(device.socket_metrics().dropped, 2u);
}

TEST_F(SocketTest, AGuestThatIgnoresItsCreditLosesTheStream) {
    host.eager = false;
    const StreamId id = open(ports);
    put(ReadWrite, ports, std::string(4096, 'x'));
    EXPECT_FALSE(stream(id).closed);
    put(ReadWrite, ports, "y");
    EXPECT_TRUE(stream(id).closed);
    EXPECT_EQ(next(), Reset);
    EXPECT_EQ(stream(id).received.size(), 4096u);
}

TEST_F(SocketTest, TheGuestLearnsOfRoomWhenTheHostHasTakenBytes) {
    host.eager = false;
    const StreamId id = open(ports);
    put(ReadWrite, ports, std::string(4096, 'x'));
    EXPECT_EQ(next(), Invalid);
    device.consumed(id, 100);
    EXPECT_EQ(next(), Invalid);
    device.consumed(id, 3996);
    const auto packet = get();
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->operation(), CreditUpdate);
    EXPECT_EQ(packet->header.forwarded, 4096u);
    put(CreditRequest, ports);
    EXPECT_EQ(next(), CreditUpdate);
}

TEST_F(SocketTest, NothingIsSentThatTheGuestHasNoRoomFor) {
    put(Request, ports);
    EXPECT_EQ(next(), Response);
    const StreamId id = host.streams.begin()->first;
    auto update = header(CreditUpdate, ports);
    update.window = 10u;
    put(update);
    host.say(id, "0123456789abcdef");
    EXPECT_EQ(get()->payload, "0123456789");
    EXPECT_EQ(next(), CreditRequest);
    EXPECT_EQ(next(), Invalid);
    update.forwarded = 4u;
    put(update);
    EXPECT_EQ(get()->payload, "abcd");
    update.forwarded = 77777u;
    put(update);
    EXPECT_EQ(next(), CreditRequest);
}

TEST_F(SocketTest, AHalfClosedStreamStillCarriesTheOtherDirection) {
    const StreamId id = open(ports);
    auto half = header(Shutdown, ports);
    half.flags = shutdown_send;
    put(half);
    EXPECT_FALSE(stream(id).guest_sends);
    EXPECT_TRUE(stream(id).guest_receives);
    host.say(id, "the last words");
    device.finish(id);
    EXPECT_EQ(get()->payload, "the last words");
    const auto packet = get();
    EXPECT_EQ(packet->operation(), Shutdown);
    EXPECT_EQ(packet->header.flags, shutdown_send);
    put(ReadWrite, ports, "after the end");
    EXPECT_TRUE(stream(id).closed);
}

TEST_F(SocketTest, AnOrderlyEndOfTheHostWaitsForTheGuestsReset) {
    const StreamId id = open(ports);
    host.say(id, "bye");
    device.close(id);
    EXPECT_EQ(get()->payload, "bye");
    const auto packet = get();
    EXPECT_EQ(packet->operation(), Shutdown);
    EXPECT_EQ(packet->header.flags, shutdown_both);
    EXPECT_FALSE(stream(id).closed);
    put(ReadWrite, ports, "was on its way");
    EXPECT_FALSE(stream(id).closed);
    put(Reset, ports);
    EXPECT_TRUE(stream(id).closed);
    EXPECT_EQ(next(), Invalid);
}

TEST_F(SocketTest, AnOrderlyEndOfTheGuestIsAnsweredByAResetOnceTheHostIsThrough) {
    const StreamId id = open(ports);
    auto end = header(Shutdown, ports);
    end.flags = shutdown_both;
    put(end);
    EXPECT_EQ(next(), Invalid);
    device.close(id);
    EXPECT_EQ(next(), Reset);
    EXPECT_TRUE(stream(id).closed);
    EXPECT_EQ(device.streams(), 0u);
}

TEST_F(SocketTest, ASecondRequestForAStreamBreaksIt) {
    const StreamId id = open(ports);
    put(Request, ports);
    EXPECT_EQ(next(), Reset);
    EXPECT_TRUE(stream(id).closed);
}

TEST_F(SocketTest, AFullTableRefusesWithAReset) {
    for (std::uint32_t i = 0; i < 8; ++i) (void)open({i, 1000});
    offer_buffers();
    put(Request, {8, 1000});
    EXPECT_EQ(next(), Reset);
}

TEST_F(SocketTest, AResetOfTheDeviceClosesEveryStream) {
    const StreamId id = open(ports);
    device.reset();
    EXPECT_TRUE(stream(id).closed);
    EXPECT_EQ(device.streams(), 0u);
    EXPECT_FALSE(device.connect({1, 1}, 10));
}

TEST_F(SocketTest, ALengthBeyondThePacketStopsTheDevice) {
    auto bad = header(ReadWrite, ports);
    bad.length = 100u;
    put(bad, "");
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Field});
}

TEST(SocketWithoutBuffers, StreamsTakeTurnsOnceThereAreBuffers) {
    SocketBed bed;
    bed.offer_buffers(2);
    const StreamId first = bed.open({1, 1000}), second = bed.open({2, 1000});
    bed.host.say(first, std::string(1000, 'a'));
    bed.host.say(second, std::string(1000, 'b'));
    EXPECT_EQ(bed.next(), Invalid);
    bed.offer_buffers();
    std::string order;
    while (const auto packet = bed.get()) order.push_back(packet->payload[0]);
    EXPECT_EQ(order, "ababababab");
}

TEST(SocketWithoutBuffers, TransmittingStopsWhileAnswersAreNotTaken) {
    SocketBed bed;
    for (std::uint32_t i = 0; i < 40; ++i) {
        bed.bed.chain(1).readable(SocketBed::header(ReadWrite, {i, 1})).submit();
    }
    bed.bed.notify(1);
    int taken = 0;
    while (bed.bed.queue(1).used()) ++taken;
    EXPECT_EQ(taken, 32);
    bed.offer_buffers(50);
    ASSERT_EQ(bed.bed.transport.unfinished, 1u);
    bed.bed.notify(1);
    while (bed.bed.queue(1).used()) ++taken;
    EXPECT_EQ(taken, 40);
    int resets = 0;
    while (bed.next() == Reset) ++resets;
    EXPECT_EQ(resets, 40);
}

TEST_F(SocketTest, ABurstToNobodyIsAnsweredToItsEndWithoutFurtherNotifications) {
    offer_buffers(40);
    for (std::uint32_t i = 0; i < 40; ++i) {
        bed.chain(1).readable(header(ReadWrite, {i, 1})).submit();
    }
    bed.notify(1);
    // What an engine does; the driver has no reason to notify again.
    EXPECT_FALSE(bed.queue(1).device_wants_notification());
    ASSERT_EQ(bed.transport.unfinished, 1u);
    bed.notify(1);
    int resets = 0;
    while (next() == Reset) ++resets;
    EXPECT_EQ(resets, 40);
}

TEST(SocketWithoutBuffers, ABufferOfAHeadersSizeHoldsNoStreamUp) {
    SocketBed bed;
    bed.offer_buffers(1);
    const StreamId id = bed.open(ports);
    bed.offer_buffers(1, sizeof(SocketHeader));
    bed.host.say(id, "bytes");
    EXPECT_EQ(bed.next(), CreditUpdate);
    bed.offer_buffers(1);
    EXPECT_EQ(bed.get()->payload, "bytes");
}

}  // namespace
}  // namespace kos::virtio
