// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app's life over all its starts, and whether what it depends on lets it start. Pure.
//
//   Created ─► Waiting ─► Running ─► Stopped ─► (Start) Waiting …
//                 ▲          │
//                 │          ├─► Restarting ─► Running …     as its record says
//                 │          └─► Waiting …                   as a command says
//                 └── Start, or the system's own start
#pragma once

#include "lib/manifest/view.hpp"
#include "lib/msg/control.hpp"

#include <cstdint>
#include <span>

namespace kos::rootserver {

struct Life {
    msg::AppState state = msg::AppState::Created;  ///< Stopping is Running with kill_at
    msg::Health health = msg::Health::None;
    std::uint32_t starts = 0;    ///< its generation
    std::uint32_t restarts = 0;  ///< in a row, by its record
    bool was_started = false;    ///< the last start came to its first instruction
    bool is_told_to_stop = false;
    bool is_told_to_restart = false;  ///< until it runs again
    // Counter values.
    std::uint64_t started_at = 0;
    std::uint64_t ended_at = 0;
    std::uint64_t start_at = 0;      ///< of Restarting
    std::uint64_t kill_at = 0;       ///< 0: it is not going to be killed
    std::uint64_t unhealthy_at = 0;  ///< 0: never
    msg::ExitRecord last_exit{};

    /// Waits to run, for others or for its time.
    [[nodiscard]] bool is_pending() const {
        return state == msg::AppState::Waiting || state == msg::AppState::Restarting;
    }
    /// It is not going to be started any more.
    void give_up() {
        is_told_to_restart = false;
        if (is_pending()) state = starts == 0 ? msg::AppState::Created : msg::AppState::Stopped;
    }
};

enum class Verdict : std::uint8_t {
    Go,
    Wait,   ///< it may still come about
    Never,  ///< it will not, unless somebody does something
};

/// Whether an app with life \p on is as its dependent wants it.
[[nodiscard]] Verdict verdict_on(const Life& on, manifest::Condition condition);

/// Whether an app may start, and the app in the way where it may not.
struct Hindrance {
    Verdict verdict = Verdict::Go;
    std::uint32_t app = 0;
};
[[nodiscard]] Hindrance hindrance_of(const manifest::ImageView& image, const manifest::App& app,
                                     std::span<const Life> lives);

}  // namespace kos::rootserver
