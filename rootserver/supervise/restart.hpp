// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Whether and when an app that has ended is started again, as its record says. Pure.
//
// The app's untypeds were revoked when it ended; the kernel zeroes them as objects are made of them
// anew.
#pragma once

#include "lib/manifest/image.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace kos::rootserver {

/// Milliseconds before restart number \p restarts (from 0) in a row: doubled each time, up to the
/// record's most.
[[nodiscard]] inline std::uint64_t restart_delay(const manifest::App& app, std::uint32_t restarts) {
    const std::uint64_t first = app.restart_delay;
    constexpr std::uint32_t most_doublings = 31;  // of 32 bits: it cannot wrap
    const std::uint64_t delay = first << std::min(restarts, most_doublings);
    return std::max(first, std::min<std::uint64_t>(delay, app.restart_delay_most));
}

/// The ticks of a counter of \p counter_hz to wait; nothing where it stays ended. \p restarts: how
/// often it was started again in a row. A killed app (no memory, a kernel call that failed) has
/// failed too, and one that could not be started.
[[nodiscard]] inline std::optional<std::uint64_t> restart_after(const manifest::App& app,
                                                                std::uint32_t wait_status,
                                                                std::uint32_t restarts,
                                                                std::uint64_t counter_hz) {
    using manifest::RestartPolicy;
    const auto policy = static_cast<RestartPolicy>(app.restart);
    if (policy == RestartPolicy::No) return std::nullopt;
    if (policy == RestartPolicy::OnFailure && wait_status == 0) return std::nullopt;
    if (app.restart_limit != 0 && restarts >= app.restart_limit) return std::nullopt;
    return restart_delay(app, restarts) * counter_hz / 1000;
}

}  // namespace kos::rootserver
