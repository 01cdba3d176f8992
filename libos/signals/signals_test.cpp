// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

namespace kos::libos {
namespace {

using testing::address_of;
using testing::App;
namespace number = testing::number;

std::optional<std::uint64_t> status_after(App& app, Word call,
                                          std::initializer_list<Word> operands) {
    try {
        app.must_call(call, operands);
        return std::nullopt;
    } catch (const testing::AppExited& exited) {
        return exited.wait_status;
    }
}

TEST(SignalsTest, AFatalSignalEndsTheApp) {
    App app;
    EXPECT_EQ(status_after(app, number::tgkill, {1, 1, 6}), 6u);
    EXPECT_EQ(status_after(app, number::kill, {1, 15}), 15u);
}

TEST(SignalsTest, AnIgnoredSignalDoesNothing) {
    App app;
    constexpr Word child_ended = 17;
    EXPECT_EQ(status_after(app, number::kill, {1, child_ended}), std::nullopt);
    const abi::SignalAction ignore{abi::SignalAction::ignore, 0, 0, 0};
    app.must_call(number::rt_sigaction, {15, address_of(&ignore), 0, 8});
    EXPECT_EQ(status_after(app, number::kill, {1, 15}), std::nullopt);
}

TEST(SignalsTest, TheManagerKnowsWhatIsIgnored) {
    App app;
    const abi::SignalAction ignore{abi::SignalAction::ignore, 0, 0, 0}, standard{};
    app.must_call(number::rt_sigaction, {15, address_of(&ignore), 0, 8});
    app.must_call(number::rt_sigaction, {2, address_of(&ignore), 0, 8});
    EXPECT_EQ(app.manager.ignored_signals, (1u << 14) | (1u << 1));
    const auto requests = app.manager.requests;
    app.must_call(number::rt_sigaction, {2, address_of(&ignore), 0, 8});
    EXPECT_EQ(app.manager.requests, requests) << "nothing has changed";
    app.must_call(number::rt_sigaction, {15, address_of(&standard), 0, 8});
    EXPECT_EQ(app.manager.ignored_signals, 1u << 1);
}

TEST(SignalsTest, AHandledSignalIsSaidToBeLost) {
    App app;
    const abi::SignalAction handler{0x1000, 0, 0, 0};
    app.must_call(number::rt_sigaction, {15, address_of(&handler), 0, 8});
    EXPECT_EQ(status_after(app, number::kill, {1, 15}), std::nullopt);
    EXPECT_EQ(app.manager.logged.size(), 1u);
}

// This is how C libraries abort: raise() blocks every signal while it sends one.
TEST(SignalsTest, ABlockedSignalWaitsUntilItIsNotBlocked) {
    App app;
    const std::uint64_t all = ~std::uint64_t{0}, none = 0;
    std::uint64_t pending = 0;
    app.must_call(number::rt_sigprocmask, {2, address_of(&all), 0, 8});
    EXPECT_EQ(status_after(app, number::tkill, {1, 6}), std::nullopt);
    app.must_call(number::rt_sigpending, {address_of(&pending), 8});
    EXPECT_EQ(pending, 1u << 5);
    EXPECT_EQ(status_after(app, number::rt_sigprocmask, {2, address_of(&none), 0, 8}), 6u);
}

TEST(SignalsTest, KillIsNeverBlocked) {
    App app;
    const std::uint64_t all = ~std::uint64_t{0};
    app.must_call(number::rt_sigprocmask, {2, address_of(&all), 0, 8});
    EXPECT_EQ(status_after(app, number::kill, {1, 9}), 9u);
}

TEST(SignalsTest, ActionsAndMasksAreKept) {
    App app;
    const abi::SignalAction set{0x1000, 4, 0x2000, 8};
    abi::SignalAction got{};
    app.must_call(number::rt_sigaction, {10, address_of(&set), 0, 8});
    app.must_call(number::rt_sigaction, {10, 0, address_of(&got), 8});
    EXPECT_EQ(got.handler, set.handler);
    EXPECT_EQ(got.mask, set.mask);
    const std::uint64_t block = 0xffff'ffff'ffff'ffff;
    std::uint64_t mask = 0;
    app.must_call(number::rt_sigprocmask, {0, address_of(&block), 0, 8});
    app.must_call(number::rt_sigprocmask, {0, 0, address_of(&mask), 8});
    EXPECT_EQ(mask, block & ~(1ull << 8 | 1ull << 18)) << "SIGKILL and SIGSTOP";
}

TEST(SignalsTest, OtherProcessesDoNotExist) {
    App app;
    EXPECT_EQ(app.error_of(number::kill, {42, 15}), Errno::Esrch);
    EXPECT_EQ(app.error_of(number::tgkill, {1, 42, 15}), Errno::Esrch);
    EXPECT_EQ(app.error_of(number::kill, {1, 65}), Errno::Einval);
}

}  // namespace
}  // namespace kos::libos
