// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Looks after a system in the foreground: the first signal stops all its apps, those that others
// depend on last; the second kills them; the third, or a target that does not answer, ends the run.
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/control/signals.hpp"
#include "lib/msg/control.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace kos::system {

class Conductor final : public control::Attendant {
   public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds repeat_after{250};
    static constexpr std::chrono::seconds patience{10};  ///< for an acknowledgement

    /// \p first_sequence: number of the first command; a random one tells it from others'.
    Conductor(control::Signals signals, std::uint32_t first_sequence)
        : signals_(std::move(signals)), sequence_(first_sequence) {}

    [[nodiscard]] sys::Fd fd() const override { return signals_.fd(); }
    std::optional<std::string> attend() override;
    void acknowledged(std::uint32_t sequence) override;
    [[nodiscard]] bool waits_when_idle() const override { return true; }

    /// All apps are to stop, as at the first signal.
    void shut_down();

    /// The first signal that came.
    [[nodiscard]] std::optional<int> signal() const { return signal_; }
    /// The run was ended without the apps' own end.
    [[nodiscard]] bool has_given_up() const { return has_given_up_; }

   private:
    enum class Command : std::uint8_t { None, Shutdown, Kill };
    void command(Command command);

    control::Signals signals_;
    std::uint32_t sequence_;
    Command command_ = Command::None;
    std::string unanswered_;  ///< the command's frame
    Time send_at_{}, give_up_at_{};
    std::optional<int> signal_;
    bool has_given_up_ = false;
};

}  // namespace kos::system
