// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// How simulated time relates to instructions, so that a run's timing is a property of its programs
// alone: an instruction takes 1 ns (a 1 GHz core that retires one a cycle), whatever it is; a tick
// of the 62.5 MHz counter is 16 of them. An entry into the kernel costs a fixed time, near what
// seL4's fast path takes on such a core.
#pragma once

#include "hostsim/kernel/time.hpp"

#include <cstdint>

namespace kos::sim {

inline constexpr std::uint64_t instructions_per_tick = 1'000'000'000 / counter_hz;
static_assert(instructions_per_tick * counter_hz == 1'000'000'000);

inline constexpr std::uint64_t kernel_entry_instructions = 320;

}  // namespace kos::sim
