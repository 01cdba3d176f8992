// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What signals to `kos run` become for the app, as `docker run` has it: the first one is sent on,
// with ten seconds until the app is killed; the second kills it; the third, or a target that does
// not answer, ends the run without it.
//
// Commands go over the control channel (docs/control-channel.md) and are sent again until they are
// acknowledged. Knows no clock and no descriptor: time and bytes are the caller's.
#pragma once

#include "lib/msg/control.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace kos::control {

class StopSequence {
   public:
    using Time = std::chrono::steady_clock::time_point;

    /// \p first_sequence: number of the first command; a random one tells it from those of others.
    explicit StopSequence(std::uint8_t app, std::uint32_t first_sequence)
        : app_(app), sequence_(first_sequence) {}

    /// A signal came.
    void signal(int number, Time now);
    /// The target has acknowledged command \p sequence.
    void acknowledged(std::uint32_t sequence);
    /// What is to be sent now; mostly nothing.
    std::string due(Time now);

    /// The run is to be ended, whatever the app does.
    [[nodiscard]] bool has_given_up(Time now) const;
    /// The first signal that came.
    [[nodiscard]] std::optional<int> first_signal() const { return first_signal_; }
    /// It has something to do before long.
    [[nodiscard]] bool is_active() const { return first_signal_.has_value(); }

   private:
    std::uint8_t app_;
    std::uint32_t sequence_;
    unsigned signals_ = 0;
    std::optional<int> first_signal_;
    std::string unanswered_;  ///< a command's frame
    Time send_at_{};
    Time give_up_at_{};
};

}  // namespace kos::control
