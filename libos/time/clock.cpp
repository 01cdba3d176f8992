// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/time/clock.hpp"

#include "lib/base/checked.hpp"
#include "libos/core/platform.hpp"

#include <limits>

namespace kos::libos {

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    return checked_add(a, b).value_or(never);
}

/// value × numerator ÷ denominator, for a value below the denominator: no wrap below 2^32 each.
std::uint64_t scale_fraction(std::uint64_t value, std::uint64_t numerator,
                             std::uint64_t denominator, std::uint64_t rounding) {
    return (value * numerator + rounding) / denominator;
}

bool counts_from_1970(abi::ClockId clock) {
    return clock == abi::ClockId::Realtime || clock == abi::ClockId::RealtimeCoarse ||
           clock == abi::ClockId::RealtimeAlarm || clock == abi::ClockId::Tai;
}

bool exists(abi::ClockId clock) {
    const int number = static_cast<int>(clock);
    return (number >= 0 && number <= 9) || clock == abi::ClockId::Tai;
}

}  // namespace

std::uint64_t Clock::nanoseconds(std::uint64_t counter) const {
    return counter / hz_ * nanoseconds_per_second +
           scale_fraction(counter % hz_, nanoseconds_per_second, hz_, 0);
}

std::uint64_t Clock::counter(std::uint64_t nanoseconds) const {
    const auto seconds = checked_multiply(nanoseconds / nanoseconds_per_second, hz_);
    const std::uint64_t fraction =
        scale_fraction(nanoseconds % nanoseconds_per_second, hz_, nanoseconds_per_second,
                       nanoseconds_per_second - 1);
    return seconds ? saturating_add(*seconds, fraction) : never;
}

Outcome<std::uint64_t> Clock::now(abi::ClockId clock) const {
    if (!exists(clock)) return Err{Errno::Einval};
    const std::uint64_t since_start = nanoseconds(read_counter());
    return counts_from_1970(clock) ? since_start + realtime_offset_ : since_start;
}

std::uint64_t Clock::deadline_in(std::uint64_t duration) const {
    return saturating_add(read_counter(), counter(duration));
}

Outcome<std::uint64_t> Clock::deadline_at(abi::ClockId clock, std::uint64_t time) const {
    if (!exists(clock)) return Err{Errno::Einval};
    if (!counts_from_1970(clock)) return counter(time);
    return counter(time < realtime_offset_ ? 0 : time - realtime_offset_);
}

abi::TimeSpec to_timespec(std::uint64_t nanoseconds) {
    return {static_cast<std::int64_t>(nanoseconds / nanoseconds_per_second),
            static_cast<std::int64_t>(nanoseconds % nanoseconds_per_second)};
}

Outcome<std::uint64_t> to_nanoseconds(const abi::TimeSpec& time) {
    if (time.seconds < 0 || time.nanoseconds < 0 ||
        static_cast<std::uint64_t>(time.nanoseconds) >= nanoseconds_per_second) {
        return Err{Errno::Einval};
    }
    const auto seconds =
        checked_multiply(static_cast<std::uint64_t>(time.seconds), nanoseconds_per_second);
    if (!seconds) return never;
    return saturating_add(*seconds, static_cast<std::uint64_t>(time.nanoseconds));
}

}  // namespace kos::libos
