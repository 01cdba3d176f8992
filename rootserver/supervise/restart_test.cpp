// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/restart.hpp"

#include "lib/native/process_info.hpp"
#include "rootserver/testing/test_system.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kos::rootserver {
namespace {

using namespace testing;
using manifest::RestartPolicy;
using msg::FrameType;

constexpr std::uint64_t hz = 1'000'000;
constexpr std::uint32_t failed = 1 << 8, by_signal = 11;

manifest::App record(RestartPolicy policy, std::uint32_t limit, std::uint32_t delay) {
    manifest::App app;
    app.restart = static_cast<std::uint8_t>(policy);
    app.restart_limit = limit;
    app.restart_delay = delay;
    return app;
}

TEST(RestartTest, ThePolicySaysWhichEndsCount) {
    const auto no = record(RestartPolicy::No, 0, 5);
    const auto always = record(RestartPolicy::Always, 0, 5);
    const auto on_failure = record(RestartPolicy::OnFailure, 0, 5);
    EXPECT_FALSE(restart_after(no, failed, 0, hz));
    EXPECT_EQ(restart_after(always, 0, 0, hz), 5'000u);
    EXPECT_FALSE(restart_after(on_failure, 0, 0, hz));
    EXPECT_EQ(restart_after(on_failure, failed, 0, hz), 5'000u);
    EXPECT_EQ(restart_after(on_failure, by_signal, 0, hz), 5'000u);
}

TEST(RestartTest, TheLimitCountsRestarts) {
    const auto app = record(RestartPolicy::OnFailure, 2, 0);
    EXPECT_TRUE(restart_after(app, failed, 0, hz));
    EXPECT_TRUE(restart_after(app, failed, 1, hz));
    EXPECT_FALSE(restart_after(app, failed, 2, hz));
}

TEST(RestartTest, TheLongestDelayDoesNotWrap) {
    const auto app = record(RestartPolicy::Always, 0, ~std::uint32_t{0});
    EXPECT_EQ(restart_after(app, 0, 0, 1'000'000'000), 4'294'967'295u * std::uint64_t{1'000'000});
}

TEST(RestartTest, TheDelayDoublesUpToItsMost) {
    manifest::App app = record(RestartPolicy::Always, 0, 100);
    EXPECT_EQ(restart_delay(app, 5), 100u);
    app.restart_delay_most = 1'000;
    EXPECT_EQ(restart_delay(app, 0), 100u);
    EXPECT_EQ(restart_delay(app, 1), 200u);
    EXPECT_EQ(restart_delay(app, 3), 800u);
    EXPECT_EQ(restart_delay(app, 4), 1'000u);
    EXPECT_EQ(restart_delay(app, ~std::uint32_t{0}), 1'000u);
    app.restart_delay_most = 50;
    EXPECT_EQ(restart_delay(app, 3), 100u);
}

TEST(RestartTest, AnAppThatFailsIsStartedAgainAfterTheDelay) {
    TestApp app;
    app.restart = RestartPolicy::OnFailure;
    app.restart_limit = 4;
    app.restart_delay = 10;
    TestSystem system{{app}};
    ASSERT_TRUE(system.boot());
    std::vector<std::uint64_t> numbers, times;
    system.set_app([&](sim::Thread&) {
        numbers.push_back(reinterpret_cast<const native::ProcessInfo*>(
                              sel4::vspace_pointer(native::process_info_address.value()))
                              ->start_number);
        times.push_back(system.now());
        exit_app(0, numbers.size() < 4 ? failed : 0);
    });
    system.server().run();
    EXPECT_EQ(numbers, (std::vector<std::uint64_t>{0, 1, 2, 3}));  // the fourth did not fail
    for (std::size_t i = 1; i < times.size(); ++i) {
        EXPECT_GE(times[i] - times[i - 1], system.ticks_per_millisecond() * 10);
    }
    EXPECT_EQ(system.records<msg::ExitRecord>(FrameType::Exited).size(), 4u);
    const auto inventories = system.records<msg::InventoryRecord>(FrameType::Inventory);
    ASSERT_EQ(inventories.size(), 2u);
    EXPECT_EQ(as_text(bytes_of(inventories[0])), as_text(bytes_of(inventories[1])));
    EXPECT_EQ(system.text(FrameType::Log), "");
}

TEST(RestartTest, TheMemoryOfAStoppedAppReadsAsZeroInAnother) {
    TestSystem system{std::vector<TestApp>(2)};
    ASSERT_TRUE(system.boot());
    constexpr std::uint64_t pages = 20;
    std::set<const std::byte*> seen;
    std::uint64_t met_again = 0, not_zero = 0;
    system.set_app([&](sim::Thread&) {
        const VirtualAddress area = native::mmap_base;
        (void)request(0, native::Request::Map, {area.value(), pages * page_size, 3});
        const auto use = [&](std::byte* page) {
            met_again += seen.insert(page).second ? 0 : 1;
            for (std::uint64_t i = 0; i < page_size; ++i) {
                not_zero += page[i] == std::byte{0} ? 0 : 1;
                page[i] = std::byte{0xa5};
            }
        };
        for (std::uint64_t i = 0; i < pages; ++i) use(touch(area + i * page_size, Access::Write));
        use(sel4::vspace_pointer((program_data + 2 * page_size).value()));
        exit_app(0, 0);
    });
    for (std::uint8_t app = 0; app < 2; ++app) {
        ASSERT_TRUE(system.server().supervisor().start_app(app));
        system.server().supervisor().serve();
    }
    EXPECT_EQ(not_zero, 0u);
    EXPECT_EQ(met_again, pages + 1);  // it was the same memory
}

}  // namespace
}  // namespace kos::rootserver
