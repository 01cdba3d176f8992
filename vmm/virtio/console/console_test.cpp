// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/console/console.hpp"

#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace kos::virtio {
namespace {

struct FakeHost final : ConsoleHost {
    void output(unsigned port, Bytes bytes) override { written.at(port) += as_text(bytes); }
    void input_ready(unsigned port) override { ++ready.at(port); }
    void opened(unsigned port, bool open) override { is_open.at(port) = open; }

    std::array<std::string, Console::max_ports> written;
    std::array<int, Console::max_ports> ready{};
    std::array<bool, Console::max_ports> is_open{};
};

constexpr std::array<std::string_view, 1> names{"control"};

struct ConsoleTest : testing::Test {
    void send(unsigned port, ConsoleEvent event, std::uint16_t value) {
        ConsoleControl message;
        message.port = port;
        message.event = static_cast<std::uint16_t>(event);
        message.value = value;
        bed.chain(3).readable(message).submit();
        bed.notify(3);
    }
    /// The next message of the device, as "event port value", with the name behind it.
    std::string next_message() {
        const auto used = bed.queue(2).used();
        if (!used) return "none";
        const auto message = value_in<ConsoleControl>(used->answer);
        std::string text = std::to_string(message.event) + " " + std::to_string(message.port) +
                           " " + std::to_string(message.value);
        const Bytes name = Bytes{used->answer}.subspan(sizeof message);
        if (!name.empty()) text += " " + std::string{as_text(name)};
        return text;
    }
    void give_control_buffers(int count) {
        for (int i = 0; i < count; ++i) bed.chain(2).writable(64).submit();
        bed.notify(2);
    }
    FakeHost host;
    Console device{host, names};
    DeviceBed bed{device, console_multiport};
};

TEST_F(ConsoleTest, WhatTheGuestWritesIsTheHosts) {
    bed.chain(1).readable("hello ").readable("there").submit();
    EXPECT_EQ(bed.answer(1).value().written, 0u);
    bed.chain(5).readable("port").submit();
    bed.notify(5);
    EXPECT_EQ(host.written[0], "hello there");
    EXPECT_EQ(host.written[1], "port");
}

TEST_F(ConsoleTest, WhoWaitsToGiveInputHearsOfTheNextDriver) {
    EXPECT_EQ(device.input(0, as_bytes("early")), 0u);
    device.reset();
    bed.start(console_multiport);
    bed.chain(0).writable(16).submit();
    bed.notify(0);
    EXPECT_EQ(host.ready[0], 1);
}

TEST_F(ConsoleTest, InputGoesAsFarAsTheGuestHasRoom) {
    bed.chain(0).writable(4).submit();
    bed.chain(0).writable(3).submit();
    EXPECT_EQ(device.input(0, as_bytes("0123456789")), 7u);
    const auto first = bed.queue(0).used().value();
    EXPECT_EQ(as_text(first.answer), "0123");
    EXPECT_EQ(as_text(bed.queue(0).used().value().answer), "456");
    EXPECT_TRUE(bed.transport.interrupts[0]);
    EXPECT_EQ(host.ready[0], 0);
    bed.chain(0).writable(16).submit();
    bed.notify(0);
    EXPECT_EQ(host.ready[0], 1);
    EXPECT_EQ(device.input(0, as_bytes("789")), 3u);
    bed.chain(0).writable(16).submit();
    bed.notify(0);
    EXPECT_EQ(host.ready[0], 1) << "nobody waited";
}

TEST_F(ConsoleTest, PortsAreAnnouncedNamedAndOpened) {
    give_control_buffers(8);
    EXPECT_EQ(next_message(), "none");
    send(0, ConsoleEvent::DeviceReady, 1);
    EXPECT_EQ(next_message(), "1 0 1");
    EXPECT_EQ(next_message(), "1 1 1");
    send(0, ConsoleEvent::PortReady, 1);
    EXPECT_EQ(next_message(), "4 0 1");
    EXPECT_EQ(next_message(), "6 0 1");
    send(1, ConsoleEvent::PortReady, 1);
    EXPECT_EQ(next_message(), "7 1 1 control");
    EXPECT_EQ(next_message(), "6 1 1");
    EXPECT_FALSE(device.is_open(1));
    send(1, ConsoleEvent::PortOpen, 1);
    EXPECT_TRUE(host.is_open[1]);
    send(1, ConsoleEvent::PortOpen, 0);
    EXPECT_FALSE(host.is_open[1]);
    EXPECT_EQ(next_message(), "none");
}

TEST_F(ConsoleTest, MessagesWaitForBuffers) {
    send(0, ConsoleEvent::DeviceReady, 1);
    send(0, ConsoleEvent::DeviceReady, 1);
    EXPECT_EQ(next_message(), "none");
    give_control_buffers(1);
    EXPECT_EQ(next_message(), "1 0 1");
    EXPECT_EQ(next_message(), "none");
    give_control_buffers(4);
    EXPECT_EQ(next_message(), "1 1 1");
    EXPECT_EQ(next_message(), "none") << "what was asked for twice is said once";
}

TEST_F(ConsoleTest, MessagesAboutPortsThatThereAreNotAreIgnored) {
    give_control_buffers(4);
    send(2, ConsoleEvent::PortReady, 1);
    send(~0u, ConsoleEvent::PortOpen, 1);
    send(0, static_cast<ConsoleEvent>(99), 1);
    EXPECT_EQ(next_message(), "none");
    EXPECT_FALSE(bed.transport.failure);
}

TEST_F(ConsoleTest, ADriverWithoutMultiportHasOnePort) {
    device.reset();
    bed.start(0);
    send(0, ConsoleEvent::DeviceReady, 1);
    give_control_buffers(2);
    EXPECT_EQ(next_message(), "none");
    bed.chain(1).readable("plain").submit();
    bed.notify(1);
    bed.chain(5).readable("port").submit();
    bed.notify(5);
    EXPECT_EQ(host.written[0], "plain");
    EXPECT_EQ(host.written[1], "");
}

TEST_F(ConsoleTest, AControlMessageThatIsTooShortStopsTheDevice) {
    bed.chain(3).readable("short").submit();
    bed.notify(3);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Header});
}

TEST_F(ConsoleTest, ABufferWithoutRoomStopsTheDevice) {
    bed.chain(2).writable(4).submit();
    send(0, ConsoleEvent::DeviceReady, 1);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Answer});
    device.reset();
    bed.transport.failure.reset();
    bed.start(console_multiport);
    bed.chain(0).readable("to read").submit();
    EXPECT_EQ(device.input(0, as_bytes("x")), 0u);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Answer});
}

TEST_F(ConsoleTest, AfterAResetNothingIsOpenOrPending) {
    send(0, ConsoleEvent::DeviceReady, 1);
    send(1, ConsoleEvent::PortOpen, 1);
    device.reset();
    EXPECT_FALSE(device.is_open(1));
    bed.start(console_multiport);
    give_control_buffers(2);
    EXPECT_EQ(next_message(), "none");
}

TEST_F(ConsoleTest, TheConfigurationTellsThePorts) {
    std::array<std::byte, 12> config;
    device.read_config(0, config);
    EXPECT_EQ(read_at<ConsoleConfig>(config, 0)->max_ports, 2u);
    EXPECT_EQ(device.queue_count(), 6u);
}

RC_GTEST_PROP(ConsoleProperty, BytesArriveInOrderWhateverTheBuffersAre,
              (const std::string& text, const std::vector<std::uint8_t>& sizes)) {
    FakeHost host;
    Console device{host};
    DeviceBed bed{device, console_multiport};
    std::size_t at = 0;
    std::string received;
    for (const std::uint8_t size : sizes) {
        if (bed.queue(0).free_descriptors() == 0) break;
        bed.chain(0).writable(size % 16 + 1u).submit();
        at += device.input(0, as_bytes(std::string_view{text}.substr(at)));
        while (const auto used = bed.queue(0).used()) received += as_text(used->answer);
    }
    RC_ASSERT(received == text.substr(0, at));
}

}  // namespace
}  // namespace kos::virtio
