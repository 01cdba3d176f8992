// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Threads, timers and logs as an app asks for them.
#include "rootserver/supervise/requests.hpp"
#include "rootserver/testing/test_system.hpp"

#include <gmock/gmock.h>

namespace kos::rootserver {
namespace {

using namespace testing;
using msg::FrameType;
using native::Request;

constexpr sel4::Word e_again = 11, e_invalid = 22;

TEST(RequestsTest, AThreadIsReservedStartedAndComesBackWhenItEnds) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    const sel4::CPtr waker = native::app_slot::notification(0);
    int ran = 0;
    system.set_thread([&](sim::Thread& thread) {
        EXPECT_EQ(sim::registers_of(thread).x[0], native::thread_block_address(1).value());
        EXPECT_EQ(sim::registers_of(thread).tpidrro_el0, native::thread_block_address(1).value());
        ++ran;
        sel4::signal(sel4::Cap<sel4::Notification>{waker});
        (void)request(1, Request::ExitThread, {});
        ADD_FAILURE() << "a thread that ended went on";
    });
    system.set_app([&](sim::Thread&) {
        for (int round = 0; round < 2; ++round) {
            // The thread of the round before signals before it ends: let it.
            Answer reserved = request(0, Request::ReserveThread, {});
            while (reserved.label == e_again) {
                sel4::yield();
                reserved = request(0, Request::ReserveThread, {});
            }
            EXPECT_EQ(reserved.result, 1u);
            EXPECT_EQ(request(0, Request::ReserveThread, {}).label, e_again);
            EXPECT_EQ(request(0, Request::StartThread, {0}).label, e_invalid);
            EXPECT_EQ(request(0, Request::StartThread, {7}).label, e_invalid);
            EXPECT_EQ(request(0, Request::StartThread, {1}).label, 0u);
            (void)sel4::wait(waker);
        }
        exit_app(0, 0);
    });
    system.server().run();
    EXPECT_EQ(ran, 2);
    EXPECT_EQ(system.text(FrameType::Log), "");
}

TEST(RequestsTest, ATimerWakesItsThreadWhenItsTimeHasComeAndNotBefore) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    sim::Kernel& kernel = system.kernel().kernel();
    constexpr std::uint64_t millisecond = 62'500;
    system.set_app([&](sim::Thread&) {
        const sel4::CPtr notification = native::app_slot::notification(0);
        for (const std::uint64_t delay : {50 * millisecond, millisecond, 7 * millisecond}) {
            const std::uint64_t deadline = kernel.now() + delay;
            EXPECT_EQ(request(0, Request::SetTimer, {deadline}).label, 0u);
            (void)sel4::wait(notification);
            EXPECT_GE(kernel.now(), deadline);
            EXPECT_LT(kernel.now(), deadline + millisecond);
        }
        exit_app(0, 0);
    });
    system.server().run();
    EXPECT_EQ(system.text(FrameType::Log), "");
}

TEST(RequestsTest, AnEarlierTimerReplacesALaterOneAndNoneIsNone) {
    TestSystem system{std::vector<TestApp>(1)};
    ASSERT_TRUE(system.boot());
    sim::Kernel& kernel = system.kernel().kernel();
    constexpr std::uint64_t millisecond = 62'500;
    system.set_app([&](sim::Thread&) {
        const sel4::CPtr notification = native::app_slot::notification(0);
        const std::uint64_t start = kernel.now();
        (void)request(0, Request::SetTimer, {start + 100 * millisecond});
        (void)request(0, Request::SetTimer, {start + 2 * millisecond});
        (void)sel4::wait(notification);
        EXPECT_GE(kernel.now(), start + 2 * millisecond);
        EXPECT_LT(kernel.now(), start + 4 * millisecond);
        (void)request(0, Request::SetTimer, {kernel.now() + millisecond});
        (void)request(0, Request::SetTimer, {0});
        inprocess::compute(5 * millisecond);
        // A signal left over from the timer that was taken back would end this wait at once.
        const std::uint64_t deadline = kernel.now() + 3 * millisecond;
        (void)request(0, Request::SetTimer, {deadline});
        (void)sel4::wait(notification);
        EXPECT_GE(kernel.now(), deadline);
        exit_app(0, 0);
    });
    system.server().run();
}

TEST(RequestsTest, LogsAndStreamsAreTheAppsOwn) {
    TestSystem system{std::vector<TestApp>(2)};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) {
        (void)request(0, Request::Log, {4, 0x0a6f6c6c});  // "llo\n"
        EXPECT_EQ(request(0, Request::Write, {7, 1, 'x'}).label, 9u);
        EXPECT_EQ(request(0, Request::Write, {2, 1, 'x'}).result, 1u);
        EXPECT_EQ(request(0, static_cast<Request>(99), {}).label, 38u);
        exit_app(0, 0);
    });
    system.server().run();
    std::vector<int> apps;
    for (const ConsoleFrame& frame : system.frames()) {
        if (frame.type == FrameType::Stderr) apps.push_back(frame.app);
    }
    EXPECT_THAT(apps, ::testing::UnorderedElementsAre(0, 1));
    EXPECT_EQ(system.text(FrameType::Log), "app: llo?\napp: llo?\n");
    EXPECT_EQ(system.text(FrameType::Stderr), "xx");
}

}  // namespace
}  // namespace kos::rootserver
