// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/guest_devices.hpp"

#include "lib/base/address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kos::sim {
namespace {

using external::Register;

struct Runner final : GuestRunner {
    void start(std::uint32_t app) override { log += "start " + std::to_string(app) + "\n"; }
    void end(std::uint32_t app) override { log += "end " + std::to_string(app) + "\n"; }
    void set_link(std::uint32_t app, bool is_open) override {
        log += (is_open ? "open " : "close ") + std::to_string(app) + "\n";
    }
    void send(std::uint32_t /*app*/, Bytes bytes) override { sent += as_text(bytes); }
    void consumed(std::uint32_t /*app*/, std::uint32_t bytes) override { taken += bytes; }
    void send_records(std::uint32_t /*app*/, Bytes records) override {
        sent_records += as_text(records);
    }
    bool deliver(GuestEvents& /*events*/) override { return false; }
    [[nodiscard]] bool is_busy() const override { return false; }
    std::string log, sent, sent_records;
    std::uint32_t taken = 0;
};

class GuestDevicesTest : public testing::Test {
   protected:
    static constexpr std::uint32_t app = 2;

    std::uint64_t read(Register which) {
        return devices_.read(app * page_size + static_cast<std::uint64_t>(which), 4).value();
    }
    void write(Register which, std::uint32_t value) {
        EXPECT_TRUE(devices_.write(app * page_size + static_cast<std::uint64_t>(which), 4, value));
    }

    Runner runner_;
    bool is_high_ = false;
    GuestDevices devices_{&runner_, [this](std::uint32_t number, bool is_high) {
                              EXPECT_EQ(number, app);
                              is_high_ = is_high;
                          }};
};

TEST_F(GuestDevicesTest, AGuestIsStartedAndItsEndRaisesTheLineUntilItIsCleared) {
    EXPECT_EQ(read(Register::Id), external::id_value);
    write(Register::Command, 1);
    EXPECT_EQ(runner_.log, "start 2\n");
    EXPECT_EQ(read(Register::State), 1u);
    EXPECT_FALSE(is_high_);
    devices_.state_changed(app, external::State::Ended);
    EXPECT_TRUE(is_high_);
    EXPECT_EQ(read(Register::State), 2u);
    EXPECT_EQ(read(Register::Events), external::event::state);
    write(Register::Events, external::event::state);
    EXPECT_FALSE(is_high_);
}

TEST_F(GuestDevicesTest, BytesAreReadThroughTheWindowAndTakenInOrder) {
    const std::string sent(3000, 'x');
    devices_.received(app, as_bytes("ab" + sent));
    EXPECT_EQ(read(Register::Received), external::window_size);
    const std::uint64_t window = app * page_size + external::receive_window;
    EXPECT_EQ(devices_.read(window, 2), 'a' | 'b' << 8);
    write(Register::Received, 2);
    EXPECT_EQ(devices_.read(window, 1), 'x');
    write(Register::Received, 1024);
    write(Register::Received, 1024);
    EXPECT_EQ(read(Register::Received), 952u);
    EXPECT_EQ(runner_.taken, 2050u);
}

TEST_F(GuestDevicesTest, BytesAreSentOnlyWhileTheLinkIsOpen) {
    const std::uint64_t window = app * page_size + external::send_window;
    EXPECT_TRUE(devices_.write(window, 8, 0x6867'6665'6463'6261));
    EXPECT_EQ(read(Register::Room), 0u);
    write(Register::Room, 8);
    EXPECT_EQ(runner_.sent, "");
    write(Register::Link, 1);
    EXPECT_EQ(runner_.log, "open 2\n");
    devices_.link_changed(app, true);
    EXPECT_EQ(read(Register::Room), external::window_size);
    write(Register::Room, 5);
    EXPECT_EQ(runner_.sent, "abcde");
}

TEST_F(GuestDevicesTest, RecordsGoBothWaysThroughTheirWindow) {
    const std::uint64_t window = app * page_size + external::record_window;
    devices_.records_came(app, as_bytes("twelve bytes"));
    EXPECT_EQ(read(Register::Events), external::event::records);
    EXPECT_EQ(read(Register::Records), 12u);
    EXPECT_EQ(devices_.read(window, 2), 't' | 'w' << 8);
    EXPECT_TRUE(devices_.write(window, 8, 0x6867'6665'6463'6261));
    write(Register::SendRecords, 8);
    EXPECT_EQ(runner_.sent_records, "abcdefgh");
    EXPECT_EQ(devices_.read(window, 1), 't') << "what has come is another thing";
    write(Register::Records, 7);
    EXPECT_EQ(devices_.read(window, 1), 'b');
    write(Register::Records, 100);
    EXPECT_EQ(read(Register::Records), 0u);
}

TEST_F(GuestDevicesTest, AccessesThatNoRegisterTakesAreRefused) {
    const std::uint64_t page = app * page_size;
    EXPECT_FALSE(devices_.read(page, 8));
    EXPECT_FALSE(devices_.read(page + 0x28, 4));
    EXPECT_FALSE(devices_.read(page + external::receive_window + 0x3fc, 8));
    EXPECT_FALSE(devices_.write(page, 4, 1));
    EXPECT_FALSE(devices_.write(page + 0xffe, 4, 1)) << "beyond the last window";
}

TEST(GuestDevicesWithoutRunnerTest, EveryGuestFails) {
    GuestDevices devices{nullptr, [](std::uint32_t, bool) {}};
    EXPECT_TRUE(devices.write(static_cast<std::uint64_t>(Register::Command), 4, 1));
    EXPECT_EQ(devices.read(static_cast<std::uint64_t>(Register::State), 4), 3u);
}

}  // namespace
}  // namespace kos::sim
