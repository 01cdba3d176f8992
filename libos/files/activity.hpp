// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tells threads that wait for files that something has changed: they look again for themselves.
// One counter for all files of an app; waiters are few.
#pragma once

#include "libos/threads/wait_queue.hpp"

namespace kos::libos {

class Activity {
   public:
    explicit Activity(WaitQueue& queue) : queue_(queue) {}

    /// To be taken before looking at a file, and given to wait().
    [[nodiscard]] std::uint32_t now() const { return __atomic_load_n(&count_, __ATOMIC_SEQ_CST); }
    void announce() {
        __atomic_add_fetch(&count_, 1, __ATOMIC_SEQ_CST);
        queue_.wake(count_, WaitQueue::everyone, WaitQueue::everyone);
    }
    /// Sleeps until something was announced after `since`. Whether that is so, or time is up.
    bool wait(std::uint32_t since, Deadline deadline) {
        const auto woken = queue_.wait(count_, since, WaitQueue::everyone, deadline);
        return woken.ok() || woken.error() != Errno::Etimedout;
    }

   private:
    WaitQueue& queue_;
    std::uint32_t count_ = 0;
};

}  // namespace kos::libos
