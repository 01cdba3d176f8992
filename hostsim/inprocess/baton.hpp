// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Host threads of which one runs at a time: whoever holds the baton.
#pragma once

#include <condition_variable>
#include <mutex>

namespace kos::inprocess {

class Baton {
   public:
    /// The holder `from` lets `to` run and waits until it is given the baton again. Names are the
    /// holders' own.
    void pass(const void* from, const void* to) {
        std::unique_lock lock{mutex_};
        holder_ = to;
        changed_.notify_all();
        changed_.wait(lock, [&] { return holder_ == from; });
    }
    /// The holder lets `to` run and ends.
    void leave_to(const void* to) {
        const std::lock_guard lock{mutex_};
        holder_ = to;
        changed_.notify_all();
    }
    /// Waits to be given the baton for the first time.
    void wait_for(const void* me) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return holder_ == me; });
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    const void* holder_ = nullptr;
};

}  // namespace kos::inprocess
