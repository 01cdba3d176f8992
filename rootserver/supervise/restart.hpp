// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Whether and when an app that has ended is started again, as its record says. Pure.
//
// The app's untypeds were given back when it ended; the kernel zeroes them as objects are made of
// them anew.
#pragma once

#include "lib/manifest/image.hpp"

#include <cstdint>
#include <optional>

namespace kos::rootserver {

/// The ticks of a counter of \p counter_hz to wait; nothing where it stays ended. \p starts: how
/// often it was started. A killed app (no memory, a kernel call that failed) has failed too.
[[nodiscard]] inline std::optional<std::uint64_t> restart_after(const manifest::App& app,
                                                                std::uint32_t wait_status,
                                                                std::uint32_t starts,
                                                                std::uint64_t counter_hz) {
    using manifest::RestartPolicy;
    const auto policy = static_cast<RestartPolicy>(app.restart);
    if (policy == RestartPolicy::No) return std::nullopt;
    if (policy == RestartPolicy::OnFailure && wait_status == 0) return std::nullopt;
    if (app.restart_limit != 0 && starts > app.restart_limit) return std::nullopt;
    return app.restart_delay * counter_hz / 1000;
}

}  // namespace kos::rootserver
