// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/timer.hpp"

#include <algorithm>
#include <cstdint>
#include <sys/timerfd.h>
#include <unistd.h>

namespace kos::sys {

Result<Timer> Timer::create(EventLoop& loop, std::function<void()> handler) {
    UniqueFd fd{KOS_TRY(check(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)))};
    const Fd own = fd.get();
    KOS_TRY(loop.add(own, EPOLLIN, [own, handler = std::move(handler)](std::uint32_t) {
        std::uint64_t times = 0;
        // Nothing where it was set anew or cleared meanwhile.
        if (::read(own, &times, sizeof times) == sizeof times) handler();
    }));
    return Timer{loop, std::move(fd)};
}

Timer::~Timer() {
    if (fd_) loop_->remove(fd_.get());
}

void Timer::set(Clock::time_point when) {
    // A time of zero clears the timer.
    const auto since_boot =
        std::max<std::chrono::nanoseconds>(when.time_since_epoch(), std::chrono::nanoseconds{1});
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
    itimerspec time{};
    time.it_value.tv_sec = seconds.count();
    time.it_value.tv_nsec = (since_boot - seconds).count();
    (void)::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &time, nullptr);
}

void Timer::clear() {
    constexpr itimerspec never{};
    (void)::timerfd_settime(fd_.get(), 0, &never, nullptr);
}

}  // namespace kos::sys
