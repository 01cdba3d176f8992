// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/control/stopper.hpp"

#include <random>
#include <utility>

namespace kos::control {

Stopper::Stopper(Signals signals, std::uint8_t app)
    : signals_(std::move(signals)), sequence_(app, std::random_device{}()) {}

std::optional<std::string> Stopper::attend() {
    const auto now = std::chrono::steady_clock::now();
    while (const auto signal = signals_.take()) sequence_.signal(*signal, now);
    if (sequence_.has_given_up(now)) {
        given_up_for_ = sequence_.first_signal();
        return std::nullopt;
    }
    return sequence_.due(now);
}

}  // namespace kos::control
