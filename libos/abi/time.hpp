// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Times and clocks: constants and layouts of Linux on aarch64 (clock_gettime(2), times(2)).
#pragma once

#include <cstdint>

namespace kos::libos::abi {

struct TimeSpec {
    std::int64_t seconds;
    std::int64_t nanoseconds;
};
struct TimeVal {
    std::int64_t seconds;
    std::int64_t microseconds;
};

enum class ClockId : int {
    Realtime = 0,
    Monotonic = 1,
    ProcessCpu = 2,
    ThreadCpu = 3,
    MonotonicRaw = 4,
    RealtimeCoarse = 5,
    MonotonicCoarse = 6,
    Boottime = 7,
    RealtimeAlarm = 8,
    BoottimeAlarm = 9,
    Tai = 11,
};

inline constexpr unsigned timer_absolute = 1;

/// What times(2) counts in.
inline constexpr std::uint64_t clock_ticks_per_second = 100;

struct Tms {
    std::int64_t user;
    std::int64_t system;
    std::int64_t children_user;
    std::int64_t children_system;
};

}  // namespace kos::libos::abi
