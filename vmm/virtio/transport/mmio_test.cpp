// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/transport/mmio.hpp"

#include "vmm/virtio/testing/echo_device.hpp"
#include "vmm/virtio/testing/fake_mmio.hpp"

#include <gtest/gtest.h>

namespace kos::virtio {
namespace {

struct Mmio : testing::Test {
    bool bring_up() {
        const bool up = driver.negotiate(ring_features | EchoDevice::polite) &&
                        driver.set_up(0, queue.config()) && driver.set_up(1, other.config());
        driver.start();
        return up;
    }
    void notify(std::uint32_t index = 0) { driver.write(Register::QueueNotify, index); }

    FakeGuest guest;
    FakeDriver queue{guest, 8, true}, other{guest, 16, true};
    EchoDevice device;
    FakeEngine engine;
    MmioTransport transport{device, guest.memory(), engine, engine};
    FakeMmio driver{transport};
};

TEST_F(Mmio, TheDeviceSaysWhatItIs) {
    EXPECT_EQ(driver.read(Register::MagicValue), 0x74726976u);
    EXPECT_EQ(driver.read(Register::Version), 2u);
    EXPECT_EQ(driver.read(Register::DeviceId), 4u);
    EXPECT_EQ(driver.offered(), ring_features | EchoDevice::polite);
    EXPECT_EQ(driver.read(Register::QueueNumMax), 16u);
    driver.write(Register::QueueSel, 2);
    EXPECT_EQ(driver.read(Register::QueueNumMax), 0u);
    EXPECT_EQ(driver.read(Register::ShmLenLow), ~0u);
}

TEST_F(Mmio, ARequestIsAnsweredWithAnInterrupt) {
    ASSERT_TRUE(bring_up());
    EXPECT_TRUE(device.is_polite());
    queue.chain().readable("hello").writable(5).submit();
    notify();
    EXPECT_EQ(as_text(queue.used().value().answer), "hello");
    EXPECT_TRUE(engine.line);
    EXPECT_EQ(driver.read(Register::InterruptStatus), interrupt_used);
    driver.write(Register::InterruptAck, interrupt_used);
    EXPECT_FALSE(engine.line);
    EXPECT_EQ(device.metrics().chains, 1u);
}

TEST_F(Mmio, FeaturesThatWereNotOfferedAreRefused) {
    EXPECT_FALSE(driver.negotiate(ring_features | feature(6)));
    EXPECT_FALSE(driver.set_up(0, queue.config()));
    driver.start();
    EXPECT_FALSE(device.active());
}

TEST_F(Mmio, ADriverOfALegacyDeviceIsRefused) { EXPECT_FALSE(driver.negotiate(feature_indirect)); }

TEST_F(Mmio, FeaturesStayOnceTheyAreAgreed) {
    ASSERT_TRUE(bring_up());
    driver.write(Register::DriverFeaturesSel, 0);
    driver.write(Register::DriverFeatures, 0);
    EXPECT_TRUE(device.is_polite());
}

TEST_F(Mmio, AQueueOutsideOfMemoryDoesNotBecomeReady) {
    ASSERT_TRUE(driver.negotiate(ring_features));
    QueueConfig config = queue.config();
    config.used = guest.end();
    EXPECT_FALSE(driver.set_up(0, config));
    config = queue.config();
    config.size = 0;
    EXPECT_FALSE(driver.set_up(0, config));
    EXPECT_TRUE(driver.set_up(0, queue.config()));
}

TEST_F(Mmio, WhatAReadyQueueWasSetUpWithStays) {
    ASSERT_TRUE(bring_up());
    driver.write(Register::QueueSel, 0);
    driver.write(Register::QueueDescLow, 0);
    queue.chain().readable("a").writable(1).submit();
    notify();
    EXPECT_TRUE(queue.used());
}

TEST_F(Mmio, AStoppedQueueIsLeftAlone) {
    ASSERT_TRUE(bring_up());
    driver.write(Register::QueueSel, 0);
    driver.write(Register::QueueReady, 0);
    queue.chain().readable("a").writable(1).submit();
    notify();
    EXPECT_FALSE(queue.used());
    other.chain().readable("b").writable(1).submit();
    notify(1);
    EXPECT_TRUE(other.used());
}

TEST_F(Mmio, ABrokenRuleStopsTheDeviceWithOneLineUntilItIsReset) {
    ASSERT_TRUE(bring_up());
    queue.chain().readable("too long").writable(1).submit();
    notify();
    ASSERT_EQ(engine.log.size(), 1u);
    EXPECT_EQ(engine.log[0], "rng queue 0: a request has no room for its answer");
    EXPECT_NE(driver.read(Register::Status) & status_needs_reset, 0u);
    EXPECT_EQ(driver.read(Register::InterruptStatus), interrupt_config);
    other.chain().readable("b").writable(1).submit();
    notify(1);
    EXPECT_FALSE(other.used());

    driver.write(Register::Status, 0);
    EXPECT_EQ(driver.read(Register::Status), 0u);
    EXPECT_FALSE(engine.line);
    FakeDriver again{guest, 8, true};
    ASSERT_TRUE(driver.negotiate(ring_features) && driver.set_up(0, again.config()));
    driver.start();
    again.make_available(8);
    notify();
    EXPECT_EQ(device.metrics().failures, 2u);
    EXPECT_EQ(engine.log.size(), 1u);
}

TEST_F(Mmio, NotificationsBeforeTheDriverIsReadyAreIgnored) {
    ASSERT_TRUE(driver.negotiate(ring_features) && driver.set_up(0, queue.config()));
    queue.chain().readable("a").writable(1).submit();
    notify();
    EXPECT_FALSE(queue.used());
    driver.start();
    notify();
    notify(77);
    EXPECT_TRUE(queue.used());
}

TEST_F(Mmio, AChangedConfigurationHasANewGeneration) {
    ASSERT_TRUE(bring_up());
    const std::uint32_t before = driver.read(Register::ConfigGeneration);
    device.change_config();
    EXPECT_NE(driver.read(Register::ConfigGeneration), before);
    EXPECT_EQ(driver.read(Register::InterruptStatus), interrupt_config);
}

TEST_F(Mmio, TheConfigurationSpaceTakesAccessesOfEverySize) {
    ASSERT_TRUE(bring_up());
    transport.write(config_offset + 1, 2, 0x1234);
    EXPECT_EQ(transport.read(config_offset, 8), 0x123400u);
    EXPECT_EQ(transport.read(config_offset + 2, 1), 0x12u);
    EXPECT_EQ(transport.read(config_offset + 10, 4), 0u);
    EXPECT_EQ(transport.read(config_offset + 4000, 8), 0u);
    transport.write(config_offset + 11, 8, ~std::uint64_t{0});
    EXPECT_EQ(device.config[11], std::byte{0xff});
}

TEST_F(Mmio, RegistersAreReadAndWrittenWholeOnly) {
    EXPECT_EQ(transport.read(0, 1), 0u);
    EXPECT_EQ(transport.read(2, 4), 0u);
    transport.write(static_cast<std::uint32_t>(Register::Status), 1, 1);
    EXPECT_EQ(driver.read(Register::Status), 0u);
}

TEST_F(Mmio, ADeviceWithoutEndOfWorkLetsOthersHaveTheirs) {
    ASSERT_TRUE(bring_up());
    transport.again(0);
    queue.chain().readable("a").writable(1).submit();
    EXPECT_TRUE(transport.pending());
    transport.resume();
    EXPECT_FALSE(transport.pending());
    EXPECT_TRUE(queue.used());
}

}  // namespace
}  // namespace kos::virtio
