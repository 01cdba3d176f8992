// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/session.hpp"

#include "lib/msg/control_writer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kos::run {
namespace {

struct Heard final : Listener {
    std::string output, errors;
    std::vector<std::string> logs, lines;

    void app_output(std::uint8_t /*app*/, bool is_error, Bytes bytes) override {
        (is_error ? errors : output) += as_text(bytes);
    }
    void log(std::string_view line) override { logs.emplace_back(line); }
    void app_log(std::uint8_t app, std::string_view line) override {
        logs.push_back(std::to_string(app) + ": " + std::string{line});
    }
    void console(std::string_view line) override { lines.emplace_back(line); }
};

class SessionTest : public testing::Test {
   protected:
    Heard heard_;
    Session session_{heard_};
    msg::ControlWriter target_{{.put =
                                    [](void* self, std::string_view bytes) {
                                        static_cast<Session*>(self)->receive(as_bytes(bytes));
                                    },
                                .context = &session_}};
};

TEST_F(SessionTest, AnAppsOutputArrivesVerbatim) {
    target_.write(msg::FrameType::Stdout, 0, as_bytes("no newline\r\n\x1b[1mbold"));
    target_.write(msg::FrameType::Stderr, 0, as_bytes("oops\n"));
    EXPECT_EQ(heard_.output, "no newline\r\n\x1b[1mbold");
    EXPECT_EQ(heard_.errors, "oops\n");
}

TEST_F(SessionTest, LogAndConsoleComeInLines) {
    target_.log(msg::no_app, "one\ntwo");
    target_.log(3, "about an app");
    session_.receive(as_bytes("kernel: first\r\nsecond without an end"));
    EXPECT_EQ(heard_.logs, (std::vector<std::string>{"one", "two", "3: about an app"}));
    EXPECT_EQ(heard_.lines, std::vector<std::string>{"kernel: first"});
    session_.close();
    EXPECT_EQ(heard_.lines.back(), "second without an end");
}

TEST_F(SessionTest, RecordsAreKept) {
    msg::InventoryRecord before;
    before.slots = 100;
    target_.inventory(before);
    msg::UsageRecord usage;
    usage.untyped_bytes = 4096;
    target_.started(0, usage);
    msg::ExitRecord ended;
    ended.status = 42 << 8;
    target_.exited(0, ended);
    msg::InventoryRecord after;
    after.slots = 99;
    target_.inventory(after);
    EXPECT_FALSE(session_.finished());
    target_.finished();
    EXPECT_TRUE(session_.finished());
    ASSERT_TRUE(session_.inventory_before() && session_.inventory_after());
    EXPECT_EQ(session_.inventory_before()->slots, 100u);
    EXPECT_EQ(session_.inventory_after()->slots, 99u);
    const AppRecord& app = session_.apps().at(0);
    ASSERT_TRUE(app.usage && app.exit);
    EXPECT_EQ(app.usage->untyped_bytes, 4096u);
    EXPECT_EQ(exit_status_of(app.exit->status), 42);
}

TEST_F(SessionTest, StartsAreCountedAndHeldAgainstEachOther) {
    msg::UsageRecord usage;
    usage.untyped_bytes = 4096;
    target_.started(0, usage);
    target_.started(0, usage);
    EXPECT_EQ(session_.apps().at(0).starts, 2u);
    EXPECT_TRUE(session_.apps().at(0).usage_is_constant);
    usage.untyped_bytes = 8192;
    target_.started(0, usage);
    EXPECT_FALSE(session_.apps().at(0).usage_is_constant);
}

TEST(ExitStatusTest, ASignalIs128AndItsNumber) {
    EXPECT_EQ(exit_status_of(0), 0);
    EXPECT_EQ(exit_status_of(255 << 8), 255);
    EXPECT_EQ(exit_status_of(11), 139);
    EXPECT_EQ(exit_status_of(6 | 0x80), 134);  // with a core
}

TEST_F(SessionTest, ARecordThatIsTooShortIsNoRecord) {
    target_.write(msg::FrameType::Started, 0, as_bytes("short"));
    EXPECT_FALSE(session_.apps().at(0).usage);
}

TEST_F(SessionTest, AHaltOfTheBootShimIsAnError) {
    session_.receive(
        as_bytes("firmware\r\nkos: halt: KOS-E-BOOT-DAMAGED: kernel: checksum: 0x12\r\n"));
    ASSERT_TRUE(session_.failure());
    EXPECT_EQ(session_.failure()->code, ErrorCode::BootDamaged);
    EXPECT_EQ(session_.failure()->detail, "kernel: checksum: 0x12");
    EXPECT_EQ(heard_.lines, std::vector<std::string>{"firmware"});
}

TEST_F(SessionTest, AnAppCannotPassForTheBootShim) {
    target_.inventory({});
    session_.receive(as_bytes("kos: halt: KOS-E-BOOT-FAULT: made up\n"));
    EXPECT_FALSE(session_.failure());
    EXPECT_EQ(heard_.lines.size(), 1u);
}

TEST_F(SessionTest, WhatKeepsAnAppFromStartingIsKeptUntilItStarts) {
    target_.write(
        msg::FrameType::Failed, 2,
        as_bytes("KOS-E-UNTYPED: there is not enough untyped memory: the app: 5 bytes are "
                 "missing; what to do: lower it\n"));
    ASSERT_TRUE(session_.apps().at(2).failure);
    EXPECT_EQ(session_.apps().at(2).failure->code, ErrorCode::UntypedTooSmall);
    EXPECT_EQ(session_.apps().at(2).failure->detail, "the app: 5 bytes are missing");
    EXPECT_FALSE(session_.failure());
    target_.started(2, {});
    EXPECT_FALSE(session_.apps().at(2).failure);
}

TEST_F(SessionTest, AnErrorOfTheSystemEndsIt) {
    target_.write(msg::FrameType::Failed, msg::no_app, as_bytes("KOS-E-NEW: of another kos\n"));
    ASSERT_TRUE(session_.failure());
    EXPECT_EQ(session_.failure()->code, ErrorCode::Target);
    EXPECT_EQ(session_.failure()->detail, "KOS-E-NEW: of another kos");
}

}  // namespace
}  // namespace kos::run
