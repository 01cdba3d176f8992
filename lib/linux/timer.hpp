// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A time at which an event loop is to do something (timerfd_create(2)).
#pragma once

#include "lib/linux/event_loop.hpp"

#include <chrono>
#include <functional>

namespace kos::sys {

class Timer {
   public:
    using Clock = std::chrono::steady_clock;

    /// \p handler is called each time that what was set has come; \p loop outlives the timer.
    [[nodiscard]] static Result<Timer> create(EventLoop& loop, std::function<void()> handler);
    ~Timer();
    Timer(Timer&&) noexcept = default;
    Timer& operator=(Timer&&) = delete;

    /// In place of what was set before; a time that has passed comes at once.
    void set(Clock::time_point when);
    /// Nothing comes until it is set again.
    void clear();

   private:
    Timer(EventLoop& loop, UniqueFd fd) : loop_(&loop), fd_(std::move(fd)) {}

    EventLoop* loop_;
    UniqueFd fd_;
};

}  // namespace kos::sys
