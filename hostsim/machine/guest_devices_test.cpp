// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/guest_devices.hpp"

#include "lib/base/address.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
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

    /// A window of the app's, as its VMM has it.
    char* window(std::uint32_t offset) {
        return reinterpret_cast<char*>(memory_.data()) + app * external::window_pages * page_size +
               offset;
    }

    Runner runner_;
    bool is_high_ = false;
    std::vector<std::byte> memory_{memory_map::guest_windows_size};
    GuestDevices devices_{&runner_, memory_, [this](std::uint32_t number, bool is_high) {
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
    const char* const window = this->window(external::receive_window);
    devices_.received(app, as_bytes(std::string{"a"}));
    devices_.received(app, as_bytes("b" + std::string(5000, 'x')));
    EXPECT_EQ(read(Register::Received), external::window_size);
    EXPECT_EQ(std::string_view(window, 3), "abx");
    write(Register::Received, 2);
    EXPECT_EQ(std::string_view(window, 2), "xx");
    write(Register::Received, external::window_size);
    write(Register::Received, external::window_size);
    EXPECT_EQ(read(Register::Received), 5000 - 2 * external::window_size);
    EXPECT_EQ(runner_.taken, 2 + 2 * external::window_size);
}

TEST_F(GuestDevicesTest, WhatIsShownStaysWhereItIsUntilItIsTaken) {
    const char* const window = this->window(external::receive_window);
    std::string sent, got;
    for (int i = 0; i < 3000; ++i) {
        const std::string piece = std::to_string(i) + ' ';
        sent += piece;
        const std::string before{window, read(Register::Received)};
        devices_.received(app, as_bytes(piece));
        EXPECT_EQ(std::string(window, before.size()), before);
        if (i % 3 != 0) continue;
        const auto count = static_cast<std::uint32_t>(read(Register::Received) / 2);
        got.append(window, count);
        write(Register::Received, count);
    }
    while (const auto count = static_cast<std::uint32_t>(read(Register::Received))) {
        got.append(window, count);
        write(Register::Received, count);
    }
    EXPECT_EQ(got, sent);
}

TEST_F(GuestDevicesTest, BytesAreSentOnlyWhileTheLinkIsOpen) {
    std::memcpy(window(external::send_window), "abcdefgh", 8);
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

TEST_F(GuestDevicesTest, RecordsGoBothWaysThroughWindowsOfTheirOwn) {
    const char* const window = this->window(external::record_window);
    devices_.records_came(app, as_bytes("twelve bytes"));
    EXPECT_EQ(read(Register::Events), external::event::records);
    EXPECT_EQ(read(Register::Records), 12u);
    EXPECT_EQ(std::string_view(window, 12), "twelve bytes");
    std::memcpy(this->window(external::send_record_window), "abcdefgh", 8);
    write(Register::SendRecords, 8);
    EXPECT_EQ(runner_.sent_records, "abcdefgh");
    EXPECT_EQ(*window, 't') << "what has come is another thing";
    write(Register::Records, 7);
    EXPECT_EQ(*window, 'b');
    write(Register::Records, 100);
    EXPECT_EQ(read(Register::Records), 0u);
}

TEST_F(GuestDevicesTest, AccessesThatNoRegisterTakesAreRefused) {
    const std::uint64_t page = app * page_size;
    EXPECT_FALSE(devices_.read(page, 8));
    EXPECT_FALSE(devices_.read(page + 0x28, 4));
    EXPECT_FALSE(devices_.write(page, 4, 1));
    EXPECT_FALSE(devices_.write(page + 0x28, 4, 1));
    // More than a window holds is not sent.
    devices_.link_changed(app, true);
    write(Register::Room, external::window_size + 1);
    write(Register::SendRecords, external::window_size + 1);
    EXPECT_EQ(runner_.sent + runner_.sent_records, "");
}

TEST(GuestDevicesWithoutRunnerTest, EveryGuestFails) {
    std::vector<std::byte> memory(memory_map::guest_windows_size);
    GuestDevices devices{nullptr, memory, [](std::uint32_t, bool) {}};
    EXPECT_TRUE(devices.write(static_cast<std::uint64_t>(Register::Command), 4, 1));
    EXPECT_EQ(devices.read(static_cast<std::uint64_t>(Register::State), 4), 3u);
}

}  // namespace
}  // namespace kos::sim
