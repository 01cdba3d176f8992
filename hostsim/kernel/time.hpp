// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Simulated time: ticks of the machine's counter since boot. Nothing reads a host clock: a run
// is reproduced by the same calls of Kernel::advance.
#pragma once

#include <cstdint>

namespace kos::sim {

using Ticks = std::uint64_t;

/// Frequency of the counter, as CNTFRQ_EL0 tells it (QEMU's virt machine).
inline constexpr std::uint64_t counter_hz = 62'500'000;

[[nodiscard]] constexpr Ticks ticks_from_microseconds(std::uint64_t microseconds) {
    return microseconds * (counter_hz / 1000) / 1000;
}
[[nodiscard]] constexpr std::uint64_t microseconds_from_ticks(Ticks ticks) {
    return ticks * 1000 / (counter_hz / 1000);
}

}  // namespace kos::sim
