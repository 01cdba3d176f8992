// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is to be done later, in the one thread of kosinit.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace kos::init {

/// CLOCK_BOOTTIME, in nanoseconds: the guest's age.
[[nodiscard]] std::uint64_t boot_time_ns();

class Timers {
   public:
    using Id = std::uint64_t;

    Id after(std::uint64_t milliseconds, std::function<void()> action);
    void cancel(Id id);

    /// Does what is due.
    void run_due();
    /// For epoll_wait(2): milliseconds to the next, rounded up; -1 where there is none.
    [[nodiscard]] int next_ms() const;

   private:
    struct Entry {
        std::uint64_t due_ns;
        std::function<void()> action;
    };
    std::map<Id, Entry> entries_;
    Id last_ = 0;
};

}  // namespace kos::init
