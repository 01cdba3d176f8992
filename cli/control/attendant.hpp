// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Who looks after a run beside its console: what has bytes for the target, or ends the run.
#pragma once

#include "lib/linux/unique_fd.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace kos::control {

/// Carries streams to the control services of guests (vsock port 1001, docs/guest-control.md).
class GuestLinks {
   public:
    /// The guest of app \p app gets what \p socket says, and answers there: at first "OK PORT",
    /// ended by a newline. The socket is closed where the guest has none to answer.
    virtual void connect(std::uint32_t app, sys::UniqueFd socket) = 0;

   protected:
    ~GuestLinks() = default;
};

class Attendant {
   public:
    /// attend() is called at least so often while a run lasts.
    static constexpr std::chrono::milliseconds interval{100};

    virtual ~Attendant() = default;
    /// Readable where attend() has something to do at once.
    [[nodiscard]] virtual sys::Fd fd() const = 0;
    /// Bytes for the target's serial line; nothing where the run is to end.
    virtual std::optional<std::string> attend() = 0;
    /// The target has got command number \p sequence of those that attend() gave.
    virtual void acknowledged(std::uint32_t sequence) = 0;
    /// What reaches the guests from here on; null once it is gone, or where nothing does.
    virtual void set_guests(GuestLinks* /*guests*/) {}
    /// Somebody on the host waits for the target: its time may go by no faster than theirs.
    [[nodiscard]] virtual bool is_waited_for() const { return false; }
    /// Where no app can run any more by itself, the run waits for what attend() gives.
    [[nodiscard]] virtual bool waits_when_idle() const { return false; }
};

}  // namespace kos::control
