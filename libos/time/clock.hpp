// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The counter as time: nanoseconds since start-up and since 1970, and back.
#pragma once

#include "libos/abi/time.hpp"
#include "libos/core/answer.hpp"
#include "libos/threads/wait_queue.hpp"

#include <cstdint>

namespace kos::libos {

inline constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

class Clock {
   public:
    /// `realtime_offset`: ns since 1970 at counter value 0.
    Clock(std::uint64_t hz, std::uint64_t realtime_offset)
        : hz_(hz), realtime_offset_(realtime_offset) {}

    [[nodiscard]] std::uint64_t hz() const { return hz_; }
    [[nodiscard]] std::uint64_t nanoseconds(std::uint64_t counter) const;
    /// The first counter value at which `nanoseconds` have passed; saturates.
    [[nodiscard]] std::uint64_t counter(std::uint64_t nanoseconds) const;

    /// Now, on a clock. EINVAL: no such clock.
    [[nodiscard]] Outcome<std::uint64_t> now(abi::ClockId clock) const;
    /// The counter value `duration` from now.
    [[nodiscard]] std::uint64_t deadline_in(std::uint64_t duration) const;
    /// The counter value when `clock` shows `time`.
    [[nodiscard]] Outcome<std::uint64_t> deadline_at(abi::ClockId clock, std::uint64_t time) const;

   private:
    std::uint64_t hz_;
    std::uint64_t realtime_offset_;
};

[[nodiscard]] abi::TimeSpec to_timespec(std::uint64_t nanoseconds);
/// Nanoseconds; saturates. EINVAL: negative, or a second and more in the nanoseconds.
[[nodiscard]] Outcome<std::uint64_t> to_nanoseconds(const abi::TimeSpec& time);

}  // namespace kos::libos
