// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Every invocation that spawning an app takes is refused once, in turn (F3).
#include "lib/sel4/abi.hpp"
#include "rootserver/testing/refuse_one.hpp"
#include "rootserver/testing/test_system.hpp"

#include <gtest/gtest.h>

namespace kos::rootserver {
namespace {

using namespace testing;
using msg::FrameType;

TEST(FailureTest, AnInvocationThatIsRefusedIsNamedAndNothingLeaks) {
    RefuseOne injector;
    TestSystem system{make_test_image({TestApp{}}), {.failures = &injector}};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) { exit_app(0, 0); });
    Supervisor& supervisor = system.server().supervisor();
    const msg::InventoryRecord before = system.server().memory().inventory();

    int refusals = 0;
    for (;; ++refusals) {
        ASSERT_LT(refusals, 10'000);
        system.clear_console();
        injector.armed = true;
        injector.left = refusals;
        injector.refused = std::nullopt;
        const bool started = supervisor.start_app(0);
        injector.armed = false;
        if (!injector.refused) {
            EXPECT_TRUE(started);
            supervisor.serve();
            break;
        }
        EXPECT_FALSE(started) << refusals;
        const std::string log = system.text(FrameType::Failed) + system.text(FrameType::Log);
        EXPECT_NE(log.find("KOS-E-KERNEL"), std::string::npos) << log;
        EXPECT_NE(log.find(sel4::name_of(*injector.refused)), std::string::npos) << log;
        EXPECT_NE(log.find("not enough memory"), std::string::npos) << log;
        const msg::InventoryRecord after = system.server().memory().inventory();
        ASSERT_EQ(as_text(bytes_of(before)), as_text(bytes_of(after))) << refusals << log;
    }
    EXPECT_GT(refusals, 40);
}

TEST(FailureTest, ARevokeThatIsRefusedIsTriedOnceMore) {
    RefuseOne injector;
    TestSystem system{make_test_image({TestApp{}}), {.failures = &injector}};
    ASSERT_TRUE(system.boot());
    system.set_app([](sim::Thread&) { exit_app(0, 0); });
    Supervisor& supervisor = system.server().supervisor();
    const msg::InventoryRecord before = system.server().memory().inventory();

    for (int nth = 0;; ++nth) {
        ASSERT_LT(nth, 1000);
        ASSERT_TRUE(supervisor.start_app(0));
        injector.armed = true;
        injector.left = nth;
        injector.refused = std::nullopt;
        supervisor.serve();
        const bool was_refused = injector.refused.has_value();
        injector.armed = false;

        // Halves that could not be merged are merged when the next app ends.
        ASSERT_TRUE(supervisor.start_app(0));
        supervisor.serve();
        const msg::InventoryRecord after = system.server().memory().inventory();
        ASSERT_EQ(as_text(bytes_of(before)), as_text(bytes_of(after))) << nth;
        if (!was_refused) break;
    }
}

TEST(FailureTest, AThreadThatCannotBeMadeEndsItsApp) {
    RefuseOne injector;
    TestSystem system{make_test_image({TestApp{}}), {.failures = &injector}};
    ASSERT_TRUE(system.boot());
    int nth = 0;
    system.set_app([&](sim::Thread&) {
        injector.armed = true;
        injector.left = nth;
        (void)request(0, native::Request::ReserveThread, {});
        injector.armed = false;
        exit_app(0, 0);
    });
    Supervisor& supervisor = system.server().supervisor();
    const msg::InventoryRecord before = system.server().memory().inventory();
    for (;; ++nth) {
        ASSERT_LT(nth, 100);
        system.clear_console();
        injector.refused = std::nullopt;
        ASSERT_TRUE(supervisor.start_app(0)) << nth;
        supervisor.serve();
        const msg::InventoryRecord after = system.server().memory().inventory();
        ASSERT_EQ(as_text(bytes_of(before)), as_text(bytes_of(after))) << nth;
        const std::uint32_t status = system.records<msg::ExitRecord>(FrameType::Exited)[0].status;
        EXPECT_EQ(status, injector.refused ? 9u : 0u);
        if (!injector.refused) break;
    }
    // Four pages; two capabilities, configuration, scheduling context, fault endpoint and back.
    EXPECT_EQ(nth, 4 + 7);
}

TEST(FailureTest, APageThatCannotBeMadeExecutableEndsItsApp) {
    RefuseOne injector;
    TestSystem system{make_test_image({TestApp{}}), {.failures = &injector}};
    ASSERT_TRUE(system.boot());
    int nth = 0;
    system.set_app([&](sim::Thread&) {
        constexpr sel4::Word area = native::mmap_base.value(), write = 3, execute = 5;
        (void)request(0, native::Request::Map, {area, page_size, write});
        (void)touch(native::mmap_base, Access::Write);
        injector.armed = true;
        injector.left = nth;
        (void)request(0, native::Request::Protect, {area, page_size, execute});
        injector.armed = false;
        exit_app(0, 0);
    });
    Supervisor& supervisor = system.server().supervisor();
    const msg::InventoryRecord before = system.server().memory().inventory();
    for (;; ++nth) {
        ASSERT_LT(nth, 100);
        system.clear_console();
        injector.refused = std::nullopt;
        ASSERT_TRUE(supervisor.start_app(0));
        supervisor.serve();
        const msg::InventoryRecord after = system.server().memory().inventory();
        ASSERT_EQ(as_text(bytes_of(before)), as_text(bytes_of(after))) << nth;
        const std::uint32_t status = system.records<msg::ExitRecord>(FrameType::Exited)[0].status;
        if (!injector.refused) {
            EXPECT_EQ(status, 0u);
            break;
        }
        EXPECT_EQ(status, 9u);
        EXPECT_NE(system.text(FrameType::Log).find(sel4::name_of(*injector.refused)),
                  std::string::npos);
    }
    EXPECT_EQ(nth, 6);  // unmap, map, unify, unmap of the window; map, unify
}

}  // namespace
}  // namespace kos::rootserver
