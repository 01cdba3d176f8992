// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The waterfall of a run, from the target's reset to its app's first instruction, for people and
// for programs (docs/timings.md).
#pragma once

#include "lib/msg/timings.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kos::run {

struct PhaseTiming {
    msg::Phase phase;
    std::uint64_t start_ns;  ///< after reset
    std::uint64_t ns;
    std::uint64_t ticks;                       ///< of the target's counter
    std::optional<std::uint32_t> invocations;  ///< of the kernel, where they are counted
};

/// The phases in their order, as far as they are known: up to the first whose end is not known, or
/// lies before its start.
[[nodiscard]] std::vector<PhaseTiming> phases_of(const msg::TimingsRecord& record);

/// One app's, or that it told nothing. `phases` is complete where the last one is Libos.
struct AppTimings {
    std::string name;
    std::uint64_t counter_hz;
    std::vector<PhaseTiming> phases;

    [[nodiscard]] bool is_complete() const { return phases.size() == msg::phase_count; }
};

/// The host's own part, on its clock.
struct HostTimings {
    std::chrono::nanoseconds pack;  ///< the image was read and packed
    std::chrono::nanoseconds run;   ///< from there to the target's end
};

[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<AppTimings>& apps,
                                             const HostTimings& host);
/// Lines, each with its newline.
[[nodiscard]] std::string to_text(const std::vector<AppTimings>& apps, const HostTimings& host);

}  // namespace kos::run
