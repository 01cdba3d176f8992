// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/alarm.hpp"

#include "rootserver/testing/test_system.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kos::rootserver {
namespace {

using namespace testing;
using native::Request;

const std::uint64_t millisecond = TestSystem::ticks_per_millisecond();

/// Sleeps of two apps at once, while the supervisor is held up as it serves the second's request.
struct HeldUp {
    std::uint64_t for_ticks;         ///< how long
    std::uint64_t first, second;     ///< timers that the second app sets, the latter while held up
    std::uint64_t times_clock_read;  ///< by the supervisor, in all
};

/// Runs it; every timer must be in time but for the hold-up.
HeldUp run(HeldUp held) {
    // Were the alarm set again and again, no time would go by in between.
    constexpr unsigned far_too_often = 1'000;
    TestSystem system{std::vector<TestApp>(2)};
    must(system.boot(), "the root server boots");
    const std::uint64_t start = system.now();
    const std::uint64_t late = start + 100 * millisecond;
    bool is_next = false;
    const auto set_timer = [](std::uint64_t time) {
        EXPECT_EQ(request(0, Request::SetTimer, {time}).label, 0u);
    };
    system.after_clock([&] {
        if (++held.times_clock_read > far_too_often) throw std::runtime_error("the alarm spins");
        if (std::exchange(is_next, false)) inprocess::compute(held.for_ticks);
    });
    unsigned apps = 0;
    system.set_app([&](sim::Thread&) {
        const bool is_first = apps++ == 0;
        const sel4::CPtr notification = native::app_slot::notification(0);
        if (is_first) {
            set_timer(late);
            (void)sel4::wait(notification);
            EXPECT_GE(system.now(), late);
            EXPECT_LT(system.now(), late + millisecond);
        } else {
            set_timer(start + held.first);
            is_next = true;
            set_timer(start + held.second);
            (void)sel4::wait(notification);
            EXPECT_GE(system.now(), start + held.second);
            EXPECT_LT(system.now(), start + std::max(held.second, held.for_ticks) + millisecond);
        }
        exit_app(0, 0);
    });
    system.server().run();
    EXPECT_EQ(system.text(msg::FrameType::Log), "");
    return held;
}

TEST(AlarmTest, ATimeIsNotLostThatComesWhileAnEarlierOneIsSet) {
    // The alarm comes at 5 ms, after the supervisor has looked at its clock and before it sets the
    // alarm to 4 ms.
    const HeldUp held = run({10 * millisecond, 5 * millisecond, 4 * millisecond, 0});
    EXPECT_LT(held.times_clock_read, 50u);
}

TEST(AlarmTest, AnEarlierTimeIsSetWhileItSleeps) {
    const HeldUp held = run({0, 5 * millisecond, 4 * millisecond, 0});
    EXPECT_LT(held.times_clock_read, 50u);
}

TEST(AlarmTest, ASignalThatIsSeenLateLosesNoTime) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    RootMemory& memory = system.server().memory();
    const sel4::Cap<sel4::Notification> expired{
        must(memory.make(sel4::ObjectType::Notification, 0, {}), "there is memory")};
    constexpr VirtualAddress entry{0x42'0000};
    system.kernel().set_program(entry, [](sim::Thread& thread) {
        const auto& x = sim::registers_of(thread).x;
        run_alarm(sel4::Cap<sel4::Notification>{x[0]}, sel4::Cap<sel4::Notification>{x[1]});
    });
    const Clock clock{read_clock, TestSystem::ticks_per_millisecond() * 1000};
    const sel4::Cap<sel4::SchedControl> control{system.kernel().boot_info().sched_control.start};
    Alarm alarm = must(Alarm::create(memory, system.server().cspace(), control, expired,
                                     {entry.value(), 0}, clock),
                       "there is memory");

    const std::uint64_t start = system.now(), late = start + 100 * millisecond;
    ASSERT_TRUE(alarm.arm(start + 5 * millisecond));
    inprocess::compute(10 * millisecond);  // its signal comes, and waits to be seen
    ASSERT_TRUE(alarm.arm(start + 4 * millisecond));
    sel4::yield();  // it sleeps again, as briefly as it can
    unsigned early = 0;
    for (;; ++early) {
        (void)sel4::wait(expired.cptr());
        alarm.expired();
        if (system.now() >= late) break;
        ASSERT_LT(early, 2u) << "beside the two times that have passed";
        ASSERT_TRUE(alarm.arm(late));
    }
    EXPECT_LT(system.now(), late + millisecond);
}

}  // namespace
}  // namespace kos::rootserver
