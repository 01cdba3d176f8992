// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Clocks and sleeping. No signal interrupts a sleep, so nothing is ever left of one.
#include "libos/dispatch/calls.hpp"

#include "libos/core/platform.hpp"
#include "libos/core/process.hpp"

#include <algorithm>

namespace kos::libos::calls {

Answer clock_gettime(int clock, UserPointer<abi::TimeSpec> time) {
    const auto now = KOS_TRY(process().clock.now(static_cast<abi::ClockId>(clock)));
    KOS_TRY(time.write(to_timespec(now)));
    return Word{0};
}

Answer clock_getres(int clock, UserPointer<abi::TimeSpec> resolution) {
    const Clock& source = process().clock;
    KOS_TRY(source.now(static_cast<abi::ClockId>(clock)));
    const std::uint64_t tick = std::max<std::uint64_t>(1, nanoseconds_per_second / source.hz());
    KOS_TRY(resolution.write_unless_null(to_timespec(tick)));
    return Word{0};
}

Answer gettimeofday(UserPointer<abi::TimeVal> time, UserPointer<std::uint64_t> zone) {
    const auto now = to_timespec(KOS_TRY(process().clock.now(abi::ClockId::Realtime)));
    KOS_TRY(time.write_unless_null({now.seconds, now.nanoseconds / 1000}));
    KOS_TRY(zone.write_unless_null(0));  // struct timezone: two ints, both 0
    return Word{0};
}

Answer nanosleep(UserPointer<abi::TimeSpec> duration, UserPointer<abi::TimeSpec> /*rest*/) {
    const auto nanoseconds = KOS_TRY(to_nanoseconds(KOS_TRY(duration.read())));
    sleep_until(process().clock.deadline_in(nanoseconds));
    return Word{0};
}

Answer clock_nanosleep(int clock, unsigned flags, UserPointer<abi::TimeSpec> time,
                       UserPointer<abi::TimeSpec> rest) {
    const auto id = static_cast<abi::ClockId>(clock);
    if (id == abi::ClockId::ThreadCpu) return Err{Errno::Einval};
    KOS_TRY(process().clock.now(id));
    if ((flags & abi::timer_absolute) == 0) return nanosleep(time, rest);
    const auto nanoseconds = KOS_TRY(to_nanoseconds(KOS_TRY(time.read())));
    sleep_until(KOS_TRY(process().clock.deadline_at(id, nanoseconds)));
    return Word{0};
}

Answer times(UserPointer<abi::Tms> result) {
    const Clock& clock = process().clock;
    constexpr std::uint64_t tick = nanoseconds_per_second / abi::clock_ticks_per_second;
    const auto ticks = clock.nanoseconds(read_counter()) / tick;
    // Time that an app has run is not known apart from time that has passed.
    KOS_TRY(result.write_unless_null({static_cast<std::int64_t>(ticks), 0, 0, 0}));
    return ticks;
}

}  // namespace kos::libos::calls
