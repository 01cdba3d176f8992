// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The control channel's commands, as they reach a whole root server on the simulated kernel.
#include "rootserver/supervise/commands.hpp"

#include "rootserver/testing/test_system.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace kos::rootserver {
namespace {

using namespace testing;
using msg::CommandResult;
using msg::FrameType;
using native::Request;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t millisecond = 62'500;
constexpr std::uint64_t for_ever = std::numeric_limits<std::uint64_t>::max();

msg::StopCommand stop_command(std::uint32_t signal, std::uint32_t milliseconds) {
    msg::StopCommand command;
    command.signal = signal;
    command.milliseconds_to_kill = milliseconds;
    return command;
}

class CommandsTest : public ::testing::Test {
   protected:
    void run(const inprocess::Program& first_app) {
        ASSERT_TRUE(system.boot());
        system.set_app(first_app);
        system.server().run();
    }
    void stop(std::uint32_t signal, std::uint32_t milliseconds, std::uint8_t app = 0) {
        const msg::StopCommand command = stop_command(signal, milliseconds);
        system.command(FrameType::Stop, app, sequence++, bytes_of(command));
    }
    [[nodiscard]] std::vector<std::uint32_t> exit_statuses() const {
        std::vector<std::uint32_t> found;
        for (const auto& record : system.records<msg::ExitRecord>(FrameType::Exited)) {
            found.push_back(record.status);
        }
        return found;
    }
    [[nodiscard]] std::vector<CommandResult> results() const {
        std::vector<CommandResult> found;
        for (const auto& record : system.records<msg::AckRecord>(FrameType::Acknowledged)) {
            found.push_back(static_cast<CommandResult>(std::uint32_t{record.result}));
        }
        return found;
    }
    /// Whether all was given back at the end.
    void expect_nothing_kept() const {
        const auto inventory = system.records<msg::InventoryRecord>(FrameType::Inventory);
        ASSERT_EQ(inventory.size(), 2u);
        EXPECT_EQ(inventory[0].untyped_bytes, inventory[1].untyped_bytes);
        EXPECT_EQ(inventory[0].slots, inventory[1].slots);
    }

    TestSystem system{std::vector<TestApp>(1)};
    std::uint32_t sequence = 100;
};

TEST_F(CommandsTest, AStopEndsAnAppByItsSignalAtOnce) {
    run([&](sim::Thread&) {
        stop(15, 10'000);
        ADD_FAILURE() << "the app went on";
    });
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{15});
    EXPECT_EQ(results(), std::vector{CommandResult::Done});
    expect_nothing_kept();
}

TEST_F(CommandsTest, AnAppThatIgnoresTheSignalIsKilledWhenItsTimeIsUp) {
    std::uint64_t stopped_at = 0;
    run([&](sim::Thread&) {
        EXPECT_EQ(request(0, Request::IgnoreSignals, {1u << 14}).label, 0u);
        stopped_at = system.kernel().kernel().now();
        stop(15, 20);
        system.command(FrameType::QueryStatus, 0, sequence++);
        inprocess::compute(for_ever);
    });
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{9});
    const std::uint64_t end = system.kernel().kernel().now();
    EXPECT_GE(end, stopped_at + 20 * millisecond);
    EXPECT_LT(end, stopped_at + 25 * millisecond);
    const auto status = system.records<msg::StatusRecord>(FrameType::Status);
    ASSERT_EQ(status.size(), 1u);
    EXPECT_EQ(status[0].state, static_cast<std::uint32_t>(msg::AppState::Stopping));
    expect_nothing_kept();
}

TEST_F(CommandsTest, ASignalWithoutEffectEndsNothing) {
    run([&](sim::Thread&) {
        stop(28, msg::StopCommand::never);
        exit_app(0, 7 << 8);
    });
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{7 << 8});
    EXPECT_EQ(results(), std::vector{CommandResult::Done});
}

TEST_F(CommandsTest, NobodyIgnoresKill) {
    run([&](sim::Thread&) {
        EXPECT_EQ(request(0, Request::IgnoreSignals, {for_ever}).label, 0u);
        system.command(FrameType::Kill, 0, sequence);
        ADD_FAILURE() << "the app went on";
    });
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{9});
}

TEST_F(CommandsTest, KillOfAllEndsAll) {
    run([&](sim::Thread&) {
        system.command(FrameType::Kill, msg::no_app, sequence);
        ADD_FAILURE() << "the app went on";
    });
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{9});
    expect_nothing_kept();
}

TEST_F(CommandsTest, ACommandSentAgainIsAnsweredAgainAndCarriedOutOnce) {
    run([&](sim::Thread&) {
        stop(28, msg::StopCommand::never, 9);
        sequence = 100;
        stop(28, msg::StopCommand::never, 9);
        exit_app(0, 0);
    });
    EXPECT_EQ(results(), (std::vector{CommandResult::NoSuchApp, CommandResult::NoSuchApp}));
}

TEST_F(CommandsTest, WhatIsWrongIsAnsweredAndLeftAlone) {
    run([&](sim::Thread&) {
        stop(65, 0);
        stop(65, 0, msg::no_app);
        system.command(FrameType::Stop, 0, sequence++, as_bytes("short"));
        system.command(FrameType::Restart, 0, sequence++, as_bytes("short"));
        system.command(FrameType::Kill, 1, sequence++);
        system.command(FrameType::Remove, msg::no_app, sequence++);
        system.command(FrameType::Remove, 0, sequence++);
        system.command(FrameType::Start, 0, sequence++);
        exit_app(0, 0);
    });
    EXPECT_EQ(results(), (std::vector{CommandResult::Malformed, CommandResult::Malformed,
                                      CommandResult::Malformed, CommandResult::Malformed,
                                      CommandResult::NoSuchApp, CommandResult::NoSuchApp,
                                      CommandResult::Running, CommandResult::Done}));
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{0});
}

TEST_F(CommandsTest, StatusAndReportTellWhatIs) {
    run([&](sim::Thread&) {
        inprocess::compute(3 * millisecond);
        system.command(FrameType::QueryStatus, msg::no_app, sequence++);
        system.command(FrameType::QueryReport, msg::no_app, sequence++);
        exit_app(0, 0);
    });
    const auto status = system.records<msg::StatusRecord>(FrameType::Status);
    ASSERT_EQ(status.size(), 1u);
    EXPECT_EQ(status[0].state, static_cast<std::uint32_t>(msg::AppState::Running));
    EXPECT_EQ(status[0].starts, 1u);
    EXPECT_EQ(status[0].heap_limit, TestApp{}.heap_pages);
    EXPECT_GE(status[0].milliseconds, 3u);
    EXPECT_THAT(system.text(FrameType::Status), HasSubstr("app"));
    const auto started = system.records<msg::UsageRecord>(FrameType::Started);
    const auto usage = system.records<msg::UsageRecord>(FrameType::Usage);
    ASSERT_EQ(usage.size(), 1u);
    EXPECT_EQ(usage[0].untyped_bytes, started[0].untyped_bytes);
    EXPECT_EQ(system.records<msg::InventoryRecord>(FrameType::Memory).size(), 1u);
}

TEST_F(CommandsTest, APersonTypesCommands) {
    run([&](sim::Thread&) {
        for (const char key : std::string{"ps\r"}) system.type({&key, 1});
        system.type("stop nobody\rnonsense\rstop app x\rreport\rhelp\r");
        system.type("stop app 3\r");
        ADD_FAILURE() << "the app went on";
    });
    const std::string log = system.text(FrameType::Log);
    EXPECT_THAT(log, HasSubstr("app: running, ran for "));
    EXPECT_THAT(log, HasSubstr("there is no app of that name"));
    EXPECT_THAT(log, HasSubstr("not understood"));
    EXPECT_THAT(log, HasSubstr("bytes of untypeds"));
    EXPECT_THAT(log, HasSubstr("left: "));
    EXPECT_THAT(log, HasSubstr("tells the app to stop"));
    EXPECT_THAT(system.console(), HasSubstr("stop app 3\r\n"));
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{15});
    expect_nothing_kept();
}

TEST(CommandsOfSeveralAppsTest, AnAppThatDidNotFitHasNotEndedWell) {
    TestSystem system{std::vector<TestApp>{{.heap_pages = 8192}, {}}};
    ASSERT_TRUE(system.boot());
    system.set_app([&](sim::Thread&) {
        system.type("ps\r");
        exit_app(0, 0);
    });
    system.server().run();
    EXPECT_EQ(system.server().supervisor().status_of(0).exit_status, 9u);
    EXPECT_THAT(system.text(FrameType::Log), HasSubstr("stopped by signal 9, ran for 0 ms"));
}

TEST_F(CommandsTest, ALineWithMoreWordsThanACommandHasIsNotCarriedOut) {
    run([&](sim::Thread&) {
        system.type("kill app now\rstop app 3 please\rhelp me\rps app\r");
        system.type("start\rrestart app 1 2\rdown app\rrm\r");
        exit_app(0, 0);
    });
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{0});
    const std::string no = "not understood; help lists the commands\n";
    EXPECT_EQ(system.text(FrameType::Log), no + no + no + no + no + no + no + no);
}

TEST_F(CommandsTest, NoiseOnTheLineIsOneMessage) {
    run([&](sim::Thread&) {
        for (int i = 0; i < 50; ++i) system.type("\xff\x80kill app\x01\r\x1b[A");
        exit_app(0, 0);
    });
    EXPECT_EQ(system.text(FrameType::Log),
              "KOS-E-NOISE: there is noise on the serial line: what came is no command; what to "
              "do: check cable, ground and baud rate; what was damaged is not carried out\n");
    EXPECT_EQ(exit_statuses(), std::vector<std::uint32_t>{0});
}

}  // namespace
}  // namespace kos::rootserver
