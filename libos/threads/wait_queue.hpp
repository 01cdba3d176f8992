// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The queue that threads sleep in until another wakes them: futex(2), and what waits for pipes and
// events on top of it. A key is the address of a 32-bit word.
//
//   wait  compare and enqueue under the lock, then sleep on the thread's notification
//   wake  mark and dequeue under the lock, then signal
//
// A signal may find its thread gone (a timeout, a spurious wake-up): it then ends a later sleep too
// early, so every sleep checks why it was woken.
#pragma once

#include "libos/core/answer.hpp"
#include "libos/core/lock.hpp"

#include <cstdint>
#include <limits>
#include <optional>

namespace kos::libos {

/// A value of the counter; nothing: wait for ever.
using Deadline = std::optional<std::uint64_t>;

/// Sleeps until the counter reaches `deadline`.
void sleep_until(std::uint64_t deadline);

class WaitQueue {
   public:
    static constexpr std::uint32_t everyone = std::numeric_limits<std::uint32_t>::max();

    enum class Until : std::uint8_t {
        Woken,
        AnySignal,  ///< also one from elsewhere
    };
    /// Sleeps until woken. EAGAIN: the word is not `expected`; ETIMEDOUT, also where a signal came
    /// from elsewhere.
    Outcome<void> wait(const std::uint32_t& word, std::uint32_t expected, std::uint32_t bitset,
                       Deadline deadline, Until until = Until::Woken);
    /// Sleeps until a signal comes, of a thread that no other can wake.
    static void wait_alone(Deadline deadline);
    [[nodiscard]] static bool has_passed(Deadline deadline);
    /// Wakes at most `count` that share a bit with `bitset`; how many it were.
    std::uint32_t wake(const std::uint32_t& word, std::uint32_t count, std::uint32_t bitset);

    struct Requeued {
        std::uint32_t woken;
        std::uint32_t moved;
    };
    /// Wakes at most `wake` and lets at most `move` others wait for `target`. EAGAIN where
    /// `expected` is given and is not the word.
    Outcome<Requeued> requeue(const std::uint32_t& word, std::uint32_t wake,
                              const std::uint32_t& target, std::uint32_t move,
                              std::optional<std::uint32_t> expected);

    /// The lock, for who must change a word and wake in one step.
    [[nodiscard]] Lock& lock() { return lock_; }
    std::uint32_t wake_locked(const std::uint32_t& word, std::uint32_t count, std::uint32_t bitset);

   private:
    struct Waiter {
        const std::uint32_t* word;
        std::uint32_t bitset;
        bool woken;
        Word thread;
        Waiter* next;
    };

    void append(Waiter& waiter);
    void remove(Waiter& waiter);
    bool has_been_woken_or_leaves(Waiter& waiter, bool timed_out);

    Lock lock_;
    Waiter* first_ = nullptr;
};

}  // namespace kos::libos
