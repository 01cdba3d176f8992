// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Makes the signals that `kos run` gets reach its app.
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/control/signals.hpp"
#include "cli/control/stop_sequence.hpp"

namespace kos::control {

class Stopper final : public Attendant {
   public:
    Stopper(Signals signals, std::uint8_t app);

    [[nodiscard]] sys::Fd fd() const override { return signals_.fd(); }
    std::optional<std::string> attend() override;

    void acknowledged(std::uint32_t sequence) override { sequence_.acknowledged(sequence); }
    /// The signal for which the run was ended without the app's own end.
    [[nodiscard]] std::optional<int> given_up_for() const { return given_up_for_; }

   private:
    Signals signals_;
    StopSequence sequence_;
    std::optional<int> given_up_for_;
};

}  // namespace kos::control
