// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Systems of apps under random commands: no byte is lost, and apps start in their order.
#include "rootserver/testing/numbered_apps.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace kos::rootserver {
namespace {

using namespace testing;
using manifest::Condition;
using manifest::RestartPolicy;
using msg::AppState;
using msg::FrameType;
using native::Request;

/// Random commands at random times, by the app with the highest number; the others run, end, crash
/// and ignore signals at random.
class RandomSystem {
   public:
    static constexpr unsigned driver = 5;

    explicit RandomSystem(unsigned seed) : random_(seed) {
        const std::vector<TestApp> apps{
            {.restart = RestartPolicy::Always, .restart_delay = 1, .restart_delay_most = 4},
            {.depends_on = {depends_on(
                 0, Condition::Started,
                 manifest::dependency_flag::required | manifest::dependency_flag::restart)},
             .stop_grace = 3},
            {.restart = RestartPolicy::OnFailure,
             .restart_limit = 3,
             .restart_window = 5,
             .depends_on = {depends_on(1, Condition::Started)}},
            {.depends_on = {depends_on(2, Condition::Completed)}, .stop_grace = 2},
            {.depends_on = {depends_on(0, Condition::Completed, 0)}, .stop_grace = 1},
            {.stop_grace = 1},
        };
        system_ = std::make_unique<TestSystem>(
            make_test_image(numbered(apps), manifest::system_flag::stays));
    }

    void run() {
        ASSERT_TRUE(system_->boot());
        before_ = supervisor().memory_left();
        system_->set_app([this](sim::Thread&) {
            const unsigned number = running_number();
            number == driver ? drive() : live();
        });
        system_->server().run();
        const auto inventory = system_->records<msg::InventoryRecord>(FrameType::Inventory);
        ASSERT_EQ(inventory.size(), 2u);
        EXPECT_EQ(as_text(bytes_of(inventory[0])), as_text(bytes_of(inventory[1])));
        check_order();
    }

   private:
    Supervisor& supervisor() { return system_->server().supervisor(); }
    unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

    void live() {
        const unsigned fate = pick(5);
        if (fate == 0) (void)request(0, Request::IgnoreSignals, {1u << 14});
        inprocess::compute((pick(4) + 1) * millisecond / 2);
        if (fate <= 1) inprocess::compute(for_ever);
        if (fate == 2) inprocess::raise_user_exception(1, 2);
        exit_app(0, fate == 3 ? failed : 0);
    }

    void drive() {
        for (int round = 0; round < 150; ++round) {
            constexpr std::array<FrameType, 7> types{
                FrameType::Start,   FrameType::Stop,   FrameType::Start, FrameType::Kill,
                FrameType::Restart, FrameType::Remove, FrameType::Start};
            const FrameType type = types[pick(types.size())];
            msg::StopCommand how;
            how.signal = pick(2) == 0 ? 0u : 15u;
            how.milliseconds_to_kill = pick(2) == 0 ? 1u : msg::StopCommand::own_grace;
            const bool has_how = type == FrameType::Stop || type == FrameType::Restart;
            system_->command(type, static_cast<std::uint8_t>(pick(driver)), sequence_++,
                             has_how ? bytes_of(how) : Bytes{});
            inprocess::compute(pick(3) * millisecond / 2);
            check();
        }
        system_->command(FrameType::Shutdown, msg::no_app, sequence_++);
        inprocess::compute(for_ever);
    }

    /// Every byte is free or an app's, and generations only rise, until an app is removed.
    void check() {
        std::uint64_t held = 0;
        for (std::uint8_t app = 0; app <= driver; ++app) {
            held += supervisor().bytes_held_by(app);
            const msg::StatusRecord status = supervisor().status_of(app);
            const bool is_new = status.state == static_cast<std::uint32_t>(AppState::Created) ||
                                status.starts == 1 || status.starts == 0;
            EXPECT_TRUE(is_new || status.starts >= generations_[app]);
            generations_[app] = status.starts;
            if (supervisor().find_running(app) != nullptr) {
                EXPECT_NE(supervisor().bytes_held_by(app), 0u);
            }
        }
        EXPECT_EQ(supervisor().memory_left().untyped_bytes + held, before_.untyped_bytes);
    }

    /// Starts and ends of an app alternate, and a start follows what it waits for.
    void check_order() {
        std::array<bool, driver + 1> runs{}, was_started{};
        for (const ConsoleFrame& frame : system_->frames()) {
            if (frame.type == FrameType::Started) {
                EXPECT_FALSE(runs[frame.app]);
                runs[frame.app] = was_started[frame.app] = true;
                const bool depends_on_the_one_before = frame.app >= 1 && frame.app <= 3;
                EXPECT_TRUE(!depends_on_the_one_before || was_started[frame.app - 1u]);
                ++starts_;
            }
            if (frame.type == FrameType::Exited) {
                EXPECT_TRUE(runs[frame.app]);
                runs[frame.app] = false;
            }
        }
        for (const bool is_running : runs) EXPECT_FALSE(is_running);
        EXPECT_GT(starts_, 20u);
    }

    std::mt19937 random_;
    std::unique_ptr<TestSystem> system_;
    std::uint32_t sequence_ = 1;
    unsigned starts_ = 0;
    msg::InventoryRecord before_{};
    std::array<std::uint32_t, driver + 1> generations_{};
};

TEST(RandomSystemTest, WhateverIsCommandedMemoryIsAccountedForAndOrderKept) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        RandomSystem{seed}.run();
        if (::testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace kos::rootserver
