// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/timeline.hpp"

#include "lib/sel4/invoke.hpp"

namespace kos::rootserver {

using msg::Phase;
using msg::TimingsRecord;

Timeline::Timeline(const BootParameters& parameters, Clock clock)
    : clock_(clock), invocations_(sel4::invocations_made()) {
    record_.counter_hz = clock.hz;
    record_.ends.fill(TimingsRecord::unknown);
    put(Phase::Firmware, parameters.shim_entered.value_or(TimingsRecord::unknown));
    put(Phase::Shim, parameters.kernel_entered.value_or(TimingsRecord::unknown));
    put(Phase::Kernel, clock.now());
}

void Timeline::end(Phase phase) {
    put(phase, clock_.now());
    count(phase);
}

void Timeline::count(Phase phase) {
    const std::uint64_t made = sel4::invocations_made();
    record_.invocations[static_cast<std::size_t>(phase) - msg::first_counted_phase] =
        static_cast<std::uint32_t>(made - invocations_);
    invocations_ = made;
}

void Timeline::app_was_at(std::uint64_t counter) {
    if (end_of(Phase::Libos) != TimingsRecord::unknown) return;
    if (counter < end_of(Phase::Map) || counter > clock_.now()) return;
    if (end_of(Phase::Start) == TimingsRecord::unknown) {
        put(Phase::Start, counter);
    } else if (counter > end_of(Phase::Start)) {
        put(Phase::Libos, counter);
    }
}

void Timeline::put(Phase phase, std::uint64_t counter) {
    record_.ends[static_cast<std::size_t>(phase)] = counter;
}

}  // namespace kos::rootserver
