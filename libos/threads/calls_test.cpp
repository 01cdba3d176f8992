// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starting and ending threads, and futexes, as an app makes the calls.
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace kos::libos {
namespace {

using testing::address_of;
using testing::App;
namespace number = testing::number;

// CLONE_VM | FS | FILES | SIGHAND | THREAD | SYSVSEM | SETTLS | PARENT_SETTID | CHILD_CLEARTID
constexpr Word pthread_flags = 0x3d0f00;

class ThreadCallsTest : public ::testing::Test {
   protected:
    App app_;
};

TEST_F(ThreadCallsTest, AThreadStartsWithItsParentsRegisters) {
    native::ThreadBlock& parent = app_.manager.block(0);
    parent.saved_x[19] = 19;
    parent.return_address = 0x1234;
    parent.result = 77;
    std::uint32_t parent_id = 0, child_id = 9;
    const Word id = app_.must_call(number::clone, {pthread_flags, 0x8000, address_of(&parent_id),
                                                   0x9000, address_of(&child_id)});
    EXPECT_EQ(id, 2u);
    EXPECT_EQ(parent_id, 2u);
    EXPECT_EQ(app_.manager.started, std::vector<std::uint64_t>{1});
    const native::ThreadBlock& child = app_.manager.block(1);
    EXPECT_EQ(child.self, native::thread_block_address(1).value());
    EXPECT_EQ(child.index, 1u);
    EXPECT_EQ(child.saved_x[19], 19u);
    EXPECT_EQ(child.return_address, 0x1234u);
    EXPECT_EQ(child.result, 0u);
    EXPECT_EQ(child.saved_sp, 0x8000u);
    EXPECT_EQ(child.thread_pointer, 0x9000u);
    EXPECT_EQ(child.stack_top, child.self);
    EXPECT_EQ(child.ipc_buffer, child.self + page_size);
}

TEST_F(ThreadCallsTest, AProcessIsNotStarted) {
    constexpr Word fork_flags = 17;
    EXPECT_EQ(app_.error_of(number::clone, {fork_flags}), Errno::Enosys);
    ASSERT_EQ(app_.manager.logged.size(), 1u);
    EXPECT_NE(app_.manager.logged[0].find("fork"), std::string::npos);
}

TEST_F(ThreadCallsTest, TheLastThreadEndsTheApp) {
    std::uint32_t child_id = 2;
    app_.must_call(number::clone,
                   {pthread_flags & ~Word{0x100000}, 0x8000, 0, 0, address_of(&child_id)});
    app_.manager.enter(1);
    EXPECT_THROW(static_cast<void>(app_.call(number::exit, {3})), testing::ThreadExited);
    EXPECT_EQ(child_id, 0u);
    app_.manager.enter(0);
    try {
        static_cast<void>(app_.call(number::exit, {3}));
        FAIL() << "the app lives on";
    } catch (const testing::AppExited& exited) {
        EXPECT_EQ(exited.wait_status, 3u << 8);
    }
}

TEST_F(ThreadCallsTest, ExitGroupEndsAllThreads) {
    app_.must_call(number::clone, {pthread_flags & ~Word{0x300000}, 0x8000});
    EXPECT_THROW(static_cast<void>(app_.call(number::exit_group, {0})), testing::AppExited);
}

TEST_F(ThreadCallsTest, WhoJoinsIsWokenAtTheThreadsEnd) {
    std::uint32_t child_id = 2;
    app_.must_call(number::clone,
                   {pthread_flags & ~Word{0x100000}, 0x8000, 0, 0, address_of(&child_id)});
    std::thread other([&] {
        app_.manager.enter(1);
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        EXPECT_THROW(static_cast<void>(app_.call(number::exit, {0})), testing::ThreadExited);
    });
    constexpr Word wait = 0;
    while (__atomic_load_n(&child_id, __ATOMIC_SEQ_CST) != 0) {
        static_cast<void>(app_.call(number::futex, {address_of(&child_id), wait, 2}));
    }
    other.join();
}

TEST_F(ThreadCallsTest, AFutexWaitTimesOut) {
    const std::uint32_t word = 0;
    const abi::TimeSpec timeout{0, 1'000'000};
    EXPECT_EQ(app_.error_of(number::futex, {address_of(&word), 128, 0, address_of(&timeout)}),
              Errno::Etimedout);
    EXPECT_EQ(app_.error_of(number::futex, {address_of(&word), 0, 1, 0}), Errno::Eagain);
    EXPECT_EQ(app_.error_of(number::futex, {address_of(&word) + 1, 0, 1, 0}), Errno::Einval);
}

TEST_F(ThreadCallsTest, AFutexWaitEndsAtATimeOfTheClock) {
    const std::uint32_t word = 0;
    abi::TimeSpec time{};
    app_.must_call(number::clock_gettime, {1, address_of(&time)});
    constexpr Word wait_bitset = 9;
    EXPECT_EQ(app_.error_of(number::futex,
                            {address_of(&word), wait_bitset, 0, address_of(&time), 0, 0xffffffff}),
              Errno::Etimedout);
}

TEST_F(ThreadCallsTest, WakeOperationChangesTheSecondWord) {
    std::uint32_t first = 0, second = 5;
    constexpr Word wake_operation = 5,
                   add_three_if_greater_than_four = 1u << 28 | 4u << 24 | 3u << 12 | 4u;
    EXPECT_EQ(app_.must_call(number::futex, {address_of(&first), wake_operation, 1, 1,
                                             address_of(&second), add_three_if_greater_than_four}),
              0u);
    EXPECT_EQ(second, 8u);
}

TEST_F(ThreadCallsTest, AnAppHasOneProcessor) {
    Word mask = 0;
    EXPECT_EQ(app_.must_call(number::sched_getaffinity, {0, 8, address_of(&mask)}), 8u);
    EXPECT_EQ(mask, 1u);
}

TEST_F(ThreadCallsTest, ThreadsHaveIdsOfTheirOwn) {
    EXPECT_EQ(app_.must_call(number::getpid), 1u);
    EXPECT_EQ(app_.must_call(number::gettid), 1u);
    app_.must_call(number::clone, {pthread_flags & ~Word{0x300000}, 0x8000});
    app_.manager.enter(1);
    EXPECT_EQ(app_.must_call(number::gettid), 2u);
    EXPECT_EQ(app_.must_call(number::getpid), 1u);
}

}  // namespace
}  // namespace kos::libos
