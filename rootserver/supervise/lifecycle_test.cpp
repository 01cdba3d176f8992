// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Systems of apps on the simulated kernel: who starts when, who ends when, and what they leave.
#include "rootserver/supervise/lifecycle.hpp"

#include "rootserver/testing/numbered_apps.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace kos::rootserver {
namespace {

using namespace testing;
using manifest::Condition;
using manifest::RestartPolicy;
using msg::AppState;
using msg::FrameType;
using native::Request;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The app waits, and others run.
void sleep(std::uint64_t milliseconds) {
    (void)request(0, Request::SetTimer, {read_clock() + milliseconds * millisecond});
    (void)sel4::wait(native::app_slot::notification(0));
}

class SystemOfAppsTest : public ::testing::Test {
   protected:
    void make(const std::vector<TestApp>& apps, std::uint32_t flags = 0) {
        system = std::make_unique<TestSystem>(make_test_image(numbered(apps), flags));
        ASSERT_TRUE(system->boot());
    }
    /// Runs it; each app does as \p programs says of its number.
    void run(const std::function<void(unsigned number)>& programs) {
        system->set_app([&](sim::Thread&) { programs(running_number()); });
        system->server().run();
        const auto inventory = system->records<msg::InventoryRecord>(FrameType::Inventory);
        ASSERT_EQ(inventory.size(), 2u);
        EXPECT_EQ(as_text(bytes_of(inventory[0])), as_text(bytes_of(inventory[1])));
        EXPECT_THAT(system->text(FrameType::Log), ::testing::Not(HasSubstr("not given back")));
    }
    Supervisor& supervisor() { return system->server().supervisor(); }
    void command(FrameType type, std::uint8_t app, Bytes payload = {}) {
        system->command(type, app, sequence++, payload);
    }
    void command(FrameType type, std::uint8_t app, const msg::StopCommand& how) {
        command(type, app, bytes_of(how));
    }
    static msg::StopCommand own() {
        msg::StopCommand how;
        how.milliseconds_to_kill = msg::StopCommand::own_grace;
        return how;
    }
    /// "+0" for a start of app 0, "-0" for its end, "!0" where it could not be started.
    [[nodiscard]] std::vector<std::string> events() const {
        std::vector<std::string> found;
        for (const ConsoleFrame& frame : system->frames()) {
            const std::string number = std::to_string(frame.app);
            if (frame.type == FrameType::Started) found.push_back("+" + number);
            if (frame.type == FrameType::Exited) found.push_back("-" + number);
            if (frame.type == FrameType::Failed) found.push_back("!" + number);
        }
        return found;
    }

    std::unique_ptr<TestSystem> system;
    std::uint32_t sequence = 100;
};

TEST_F(SystemOfAppsTest, AppsStartOnceWhatTheyDependOnLetsThem) {
    make({{},
          {.depends_on = {depends_on(0, Condition::Completed)}},
          {.depends_on = {depends_on(1, Condition::Started)}},
          {}});
    run([](unsigned number) {
        sleep(number == 0 ? 5 : number);
        exit_app(0, 0);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+3", "-3", "-0", "+1", "+2", "-1", "-2"));
}

TEST_F(SystemOfAppsTest, WhatWillNotComeAboutIsToldAndLeavesDependentsAlone) {
    const auto completed = [](std::uint32_t app, std::uint8_t flags) {
        return std::vector{depends_on(app, Condition::Completed, flags)};
    };
    make({{},
          {.depends_on = completed(0, manifest::dependency_flag::required)},
          {.depends_on = {depends_on(1, Condition::Started)}},
          {.depends_on = completed(0, 0)}});
    run([](unsigned number) { exit_app(0, number == 0 ? failed : 0); });
    EXPECT_THAT(events(), ElementsAre("+0", "-0", "!1", "!2", "+3", "-3"));
    EXPECT_THAT(system->text(FrameType::Failed), HasSubstr("KOS-E-DEPENDENCY"));
    EXPECT_THAT(system->text(FrameType::Failed), HasSubstr("come about: app0; "));
    EXPECT_THAT(system->text(FrameType::Failed), HasSubstr("come about: app1; "));
    EXPECT_EQ(supervisor().status_of(1).state, static_cast<std::uint32_t>(AppState::Created));
}

TEST_F(SystemOfAppsTest, HealthIsWaitedForAsLongAsTheRecordSays) {
    make({{.readiness = manifest::Readiness::Port},
          {.depends_on = {depends_on(0, Condition::Healthy)}},
          {.readiness = manifest::Readiness::Port, .ready_within = 5},
          {.depends_on = {depends_on(2, Condition::Healthy)}}});
    std::vector<std::uint32_t> health;
    run([&](unsigned number) {
        if (number == 0) {
            inprocess::compute(2 * millisecond);
            health.push_back(supervisor().status_of(0).health);
            supervisor().app_is_ready(0);
            health.push_back(supervisor().status_of(0).health);
        }
        if (number == 2) {
            inprocess::compute(20 * millisecond);
            health.push_back(supervisor().status_of(2).health);
        }
        exit_app(0, 0);
    });
    // App 0 was ready, but had ended when it was looked at: it is the running app that counts.
    EXPECT_THAT(health, ElementsAre(1, 2, 3));
    EXPECT_THAT(events(), ::testing::Contains("!3"));
}

TEST_F(SystemOfAppsTest, ADependentStartsWhenAnAppIsHealthy) {
    make({{.readiness = manifest::Readiness::Protocol},
          {.depends_on = {depends_on(0, Condition::Healthy)}}});
    run([&](unsigned number) {
        if (number == 0) {
            supervisor().app_is_ready(0);
            sleep(3);
        }
        exit_app(0, 0);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "-1", "-0"));
}

TEST_F(SystemOfAppsTest, AnAppRunsATimeSliceInEachOfItsPeriods) {
    make({{.period = 100'000}, {}});
    std::map<unsigned, std::uint64_t> ended;
    run([&](unsigned number) {
        for (int part = 0; part < 35; ++part) inprocess::compute(millisecond);
        ended[number] = system->now();
        exit_app(0, 0);
    });
    EXPECT_LT(ended[1], 100 * millisecond);
    EXPECT_GT(ended[0], 300 * millisecond);
    EXPECT_LT(ended[0], 400 * millisecond);
}

TEST_F(SystemOfAppsTest, AShutdownStopsDependentsFirstAndKillsWhoDoesNotStop) {
    make({{},
          {.depends_on = {depends_on(0, Condition::Started)}, .stop_grace = 20},
          {.depends_on = {depends_on(1, Condition::Started)}},
          {}},
         manifest::system_flag::stays);
    std::uint64_t stopped_at = 0;
    run([&](unsigned number) {
        if (number == 1) (void)request(0, Request::IgnoreSignals, {1u << 14});
        if (number == 3) {
            sleep(5);
            stopped_at = system->now();
            command(FrameType::Shutdown, msg::no_app);
        }
        sleep(1'000);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "+2", "+3", "-3", "-2", "-1", "-0"));
    const auto exits = system->records<msg::ExitRecord>(FrameType::Exited);
    EXPECT_EQ(exits[1].status, 15u);
    EXPECT_EQ(exits[2].status, 9u);
    EXPECT_EQ(exits[3].status, 15u);
    EXPECT_GE(system->now(), stopped_at + 20 * millisecond);
}

TEST_F(SystemOfAppsTest, AnAppIsStoppedStartedAndRemovedByCommand) {
    make({{.restart = RestartPolicy::Always}, {}}, manifest::system_flag::stays);
    std::vector<std::uint64_t> held;
    std::vector<std::uint32_t> generations, states;
    const auto note = [&] {
        inprocess::compute(millisecond);
        held.push_back(supervisor().bytes_held_by(0));
        generations.push_back(supervisor().status_of(0).starts);
        states.push_back(supervisor().status_of(0).state);
    };
    run([&](unsigned number) {
        if (number == 0) inprocess::compute(for_ever);
        note();
        command(FrameType::Stop, 0, own());
        note();
        command(FrameType::Start, 0);
        note();
        command(FrameType::Restart, 0, own());
        note();
        command(FrameType::Kill, 0);
        note();
        command(FrameType::Remove, 0);
        note();
        command(FrameType::Start, 0);
        note();
        command(FrameType::Shutdown, msg::no_app);
    });
    EXPECT_THAT(generations, ElementsAre(1, 1, 2, 3, 3, 0, 1));
    EXPECT_THAT(states, ElementsAre(1, 3, 1, 1, 3, 0, 1));
    for (std::size_t i = 0; i < held.size(); ++i) {
        EXPECT_EQ(held[i], i == 5 ? 0 : held[0]) << i;  // kept until it is removed
    }
}

TEST_F(SystemOfAppsTest, WhatAnAppNeedsIsStartedWithIt) {
    make({{},
          {},
          {.depends_on = {depends_on(0, Condition::Started), depends_on(1, Condition::Completed)}},
          {}},
         manifest::system_flag::stays);
    run([&](unsigned number) {
        if (number == 1) exit_app(0, 0);
        if (number != 3) sleep(1'000);
        sleep(5);
        command(FrameType::Stop, 2, own());
        command(FrameType::Stop, 0, own());
        command(FrameType::Start, 2);
        sleep(5);
        command(FrameType::Shutdown, msg::no_app);
        sleep(1'000);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "+3", "-1", "+2", "-2", "-0", "+0", "+2", "-3",
                                      "-2", "-0"));
}

TEST_F(SystemOfAppsTest, AStopTakesThePlaceOfARestartThatIsUnderWay) {
    make({{.stop_grace = 20}, {}}, manifest::system_flag::stays);
    run([&](unsigned number) {
        if (number == 0) {
            (void)request(0, Request::IgnoreSignals, {1u << 14});
            sleep(1'000);
        }
        sleep(5);
        command(FrameType::Restart, 0, own());
        sleep(5);
        command(FrameType::Stop, 0, own());
        sleep(40);
        command(FrameType::Shutdown, msg::no_app);
        sleep(1'000);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "-0", "-1"));
}

TEST_F(SystemOfAppsTest, AnAppThatIsStartedWhileAllAreStoppedStartsOnceTheyHaveEnded) {
    make({{.stop_grace = 20}, {}, {}}, manifest::system_flag::stays);
    bool is_second = false;
    run([&](unsigned number) {
        if (number == 0) {
            (void)request(0, Request::IgnoreSignals, {1u << 14});
            sleep(10);
            command(FrameType::Start, 2);
        }
        if (number == 1) {
            sleep(5);
            command(FrameType::Stop, msg::no_app, own());
        }
        if (number == 2) {
            if (!std::exchange(is_second, true)) exit_app(0, 0);
            command(FrameType::Shutdown, msg::no_app);
        }
        sleep(1'000);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "+2", "-2", "-1", "-0", "+2", "-2"));
}

TEST_F(SystemOfAppsTest, AllThatAreStartedWhileTheyAreStoppedComeBackInOrder) {
    make({{}, {.depends_on = {depends_on(0, Condition::Started)}, .stop_grace = 20}},
         manifest::system_flag::stays);
    bool is_second = false;
    run([&](unsigned number) {
        if (number == 1) {
            (void)request(0, Request::IgnoreSignals, {1u << 14});
            const bool was_restarted = std::exchange(is_second, true);
            if (!was_restarted) command(FrameType::Stop, msg::no_app, own());
            command(was_restarted ? FrameType::Shutdown : FrameType::Start, msg::no_app);
        }
        sleep(1'000);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "-1", "-0", "+0", "+1", "-1", "-0"));
}

TEST_F(SystemOfAppsTest, AnAppThatCannotBeStartedIsTriedAgainMoreAndMoreSeldom) {
    // The first two have memory that the third needs as well.
    make({{.heap_pages = 1800},
          {.heap_pages = 1800},
          {.heap_pages = 1800,
           .restart = RestartPolicy::OnFailure,
           .restart_limit = 9,
           .restart_delay = 1,
           .restart_delay_most = 16}});
    run([](unsigned number) {
        if (number != 2) sleep(number == 0 ? 40 : 100);
        exit_app(0, 0);
    });
    // At 0, 1, 3, 7, 15 and 31 ms in vain, at 47 ms with success.
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "!2", "!2", "!2", "!2", "!2", "!2", "-0", "+2",
                                      "-2", "-1"));
}

TEST_F(SystemOfAppsTest, RestartsCountAnewOnceAnAppHasRunLongEnough) {
    make({{.restart = RestartPolicy::Always,
           .restart_limit = 2,
           .restart_delay = 1,
           .restart_window = 10}});
    int starts = 0;
    run([&](unsigned) {
        if (++starts == 3) inprocess::compute(11 * millisecond);
        exit_app(0, 0);
    });
    EXPECT_EQ(starts, 5);  // two restarts, and two more
}

TEST_F(SystemOfAppsTest, ARestartTakesAlongThoseThatSaySoOnceTheAppRunsAgain) {
    constexpr std::uint8_t restarts =
        manifest::dependency_flag::required | manifest::dependency_flag::restart;
    make({{.stop_grace = 20},
          {.depends_on = {depends_on(0, Condition::Started, restarts)}},
          {.depends_on = {depends_on(1, Condition::Started, restarts)}},
          {.depends_on = {depends_on(0, Condition::Started)}},
          {}},
         manifest::system_flag::stays);
    run([&](unsigned number) {
        if (number == 0) (void)request(0, Request::IgnoreSignals, {1u << 14});
        if (number == 4) {
            sleep(5);
            command(FrameType::Restart, 0, own());
            sleep(40);
            command(FrameType::Shutdown, msg::no_app);
        }
        sleep(1'000);
    });
    EXPECT_THAT(events(), ElementsAre("+0", "+1", "+2", "+3", "+4",        //
                                      "-0", "+0", "-1", "+1", "-2", "+2",  //
                                      "-4", "-3", "-2", "-1", "-0"));
}

}  // namespace
}  // namespace kos::rootserver
