// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/timers.hpp"

#include <algorithm>
#include <time.h>

namespace kos::init {

std::uint64_t boot_time_ns() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec);
}

Timers::Id Timers::after(std::uint64_t milliseconds, std::function<void()> action) {
    entries_[++last_] = {boot_time_ns() + milliseconds * 1'000'000, std::move(action)};
    return last_;
}

void Timers::cancel(Id id) { entries_.erase(id); }

void Timers::run_due() {
    for (;;) {
        const auto due = std::ranges::min_element(
            entries_, {}, [](const auto& entry) { return entry.second.due_ns; });
        if (due == entries_.end() || due->second.due_ns > boot_time_ns()) return;
        const auto action = std::move(due->second.action);
        entries_.erase(due);
        action();
    }
}

int Timers::next_ms() const {
    std::optional<std::uint64_t> next;
    for (const auto& [id, entry] : entries_) {
        if (!next || entry.due_ns < *next) next = entry.due_ns;
    }
    if (!next) return -1;
    const std::uint64_t now = boot_time_ns();
    if (*next <= now) return 0;
    return static_cast<int>(std::min<std::uint64_t>((*next - now + 999'999) / 1'000'000, 60'000));
}

}  // namespace kos::init
