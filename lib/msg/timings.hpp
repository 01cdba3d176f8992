// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The waterfall of a start: from the machine's reset to an app's first instruction, in phases that
// follow each other without a gap.
//
//   0 ── Firmware ── Shim ── Kernel ── Inventory ── Turn ── Plan ── Map ── Start ── Libos ──
//   program
//
// All are values of the machine's counter, which starts at reset.
#pragma once

#include "lib/base/little_endian.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace kos::msg {

/// Named by what happens in it.
enum class Phase : std::uint8_t {
    Firmware,   ///< from reset to the boot shim's first instruction
    Shim,       ///< kernel, device tree and root server are put in place
    Kernel,     ///< the kernel boots; ends when the root server has read the device tree
    Inventory,  ///< the root server takes stock of memory and of the system image
    Turn,       ///< the apps before this one are started
    Plan,       ///< the app's record is checked
    Map,        ///< its objects, address space and threads are made
    Start,      ///< ends at its first instruction, which is libos's
    Libos,      ///< libos sets itself up; ends at the program's first instruction
};
inline constexpr std::size_t phase_count = 9;

[[nodiscard]] constexpr std::string_view name_of(Phase phase) {
    constexpr std::array<std::string_view, phase_count> names{
        "firmware", "shim", "kernel", "inventory", "turn", "plan", "map", "start", "libos"};
    return names[static_cast<std::size_t>(phase)];
}

/// Phases in which the root server makes kernel invocations for the app, Inventory to Start. During
/// Libos it serves the app's faults as well, but cannot tell them from the program's.
inline constexpr std::size_t first_counted_phase = 3, counted_phases = 5;

struct TimingsRecord {
    /// The phase's end is not known: nobody told.
    static constexpr std::uint64_t unknown = std::numeric_limits<std::uint64_t>::max();

    Le64 counter_hz;                               // 0x00
    std::array<Le64, phase_count> ends;            // 0x08: counter values
    std::array<Le32, counted_phases> invocations;  // 0x50: of the root server, from Inventory on
    Le32 reserved;                                 // 0x64
};
static_assert(sizeof(TimingsRecord) == 0x68);

}  // namespace kos::msg
