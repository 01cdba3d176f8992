// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/threads/wait_queue.hpp"

#include "libos/core/platform.hpp"
#include "libos/testing/fake_manager.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace kos::libos {
namespace {

constexpr std::uint64_t millisecond = 1'000'000;
constexpr auto everyone = WaitQueue::everyone;

class WaitQueueTest : public ::testing::Test {
   protected:
    /// Starts threads 1 to `count` that wait for `word`, and waits until all sleep.
    void start(std::uint64_t count, std::uint32_t bitset = everyone) {
        const auto first = threads_.size() + 1;
        for (std::uint64_t i = first; i < first + count; ++i) {
            threads_.emplace_back([this, i, bitset] {
                manager_.enter(i);
                EXPECT_TRUE(queue_.wait(word_, 0, bitset, std::nullopt).ok());
                ++awake_;
            });
        }
        manager_.await_sleepers(threads_.size());
    }
    void join() {
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }

    testing::FakeManager manager_;
    WaitQueue queue_;
    std::uint32_t word_ = 0;
    std::atomic<std::uint32_t> awake_ = 0;
    std::vector<std::thread> threads_;
};

TEST_F(WaitQueueTest, AWordThatHasChangedIsNotWaitedFor) {
    EXPECT_EQ(queue_.wait(word_, 1, everyone, std::nullopt).error(), Errno::Eagain);
}

TEST_F(WaitQueueTest, AWaitEndsAtItsDeadline) {
    const auto deadline = read_counter() + 5 * millisecond;
    EXPECT_EQ(queue_.wait(word_, 0, everyone, deadline).error(), Errno::Etimedout);
    EXPECT_GE(read_counter(), deadline);
    EXPECT_EQ(queue_.wake(word_, everyone, everyone), 0u);
}

TEST_F(WaitQueueTest, ADeadlineThatIsPastEndsAtOnce) {
    EXPECT_EQ(queue_.wait(word_, 0, everyone, 1).error(), Errno::Etimedout);
}

TEST_F(WaitQueueTest, WakesAsManyAsAskedFor) {
    start(3);
    EXPECT_EQ(queue_.wake(word_, 2, everyone), 2u);
    EXPECT_EQ(queue_.wake(word_, everyone, everyone), 1u);
    join();
    EXPECT_EQ(awake_, 3u);
}

TEST_F(WaitQueueTest, WakesOnlyWhoSharesABit) {
    start(1, 1);
    start(1, 2);
    EXPECT_EQ(queue_.wake(word_, everyone, 4), 0u);
    EXPECT_EQ(queue_.wake(word_, everyone, 2), 1u);
    EXPECT_EQ(queue_.wake(word_, everyone, 1), 1u);
    join();
}

TEST_F(WaitQueueTest, ASpuriousSignalWakesNobody) {
    start(1);
    manager_.signal(1);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    EXPECT_EQ(awake_, 0u);
    EXPECT_EQ(queue_.wake(word_, 1, everyone), 1u);
    join();
}

TEST_F(WaitQueueTest, ASignalFromBeforeDoesNotEndALaterSleep) {
    manager_.signal(0);
    const auto deadline = read_counter() + 5 * millisecond;
    sleep_until(deadline);
    EXPECT_GE(read_counter(), deadline);
}

TEST_F(WaitQueueTest, MovesWaitersToAnotherWord) {
    std::uint32_t other = 0;
    start(3);
    EXPECT_EQ(queue_.requeue(word_, 1, other, 1, 5).error(), Errno::Eagain);
    const auto moved = queue_.requeue(word_, 1, other, 1, 0).value();
    EXPECT_EQ(moved.woken, 1u);
    EXPECT_EQ(moved.moved, 1u);
    EXPECT_EQ(queue_.wake(other, everyone, everyone), 1u);
    EXPECT_EQ(queue_.wake(word_, everyone, everyone), 1u);
    join();
}

// A mutex over the queue, as C libraries build it: no wake-up is lost however the threads run.
TEST_F(WaitQueueTest, NoWakeUpIsLost) {
    std::uint32_t state = 0;  // 0 free, 1 held, 2 held and waited for
    std::uint64_t counter = 0;
    const auto lock = [&] {
        std::uint32_t free = 0;
        if (__atomic_compare_exchange_n(&state, &free, 1, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST)) {
            return;
        }
        while (__atomic_exchange_n(&state, 2, __ATOMIC_SEQ_CST) != 0) {
            const auto woken = queue_.wait(state, 2, everyone, std::nullopt);
            EXPECT_TRUE(woken.ok() || woken.error() == Errno::Eagain);
        }
    };
    const auto unlock = [&] {
        if (__atomic_exchange_n(&state, 0, __ATOMIC_SEQ_CST) == 2) queue_.wake(state, 1, everyone);
    };
    constexpr std::uint64_t rounds = 2000, count = 4;
    for (std::uint64_t i = 1; i <= count; ++i) {
        threads_.emplace_back([&, i] {
            manager_.enter(i);
            for (std::uint64_t round = 0; round < rounds; ++round) {
                lock();
                ++counter;
                unlock();
            }
        });
    }
    join();
    EXPECT_EQ(counter, rounds * count);
}

}  // namespace
}  // namespace kos::libos
