// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What runs guests outside the simulated board, for the VMMs on it.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/vm/external.hpp"

#include <cstdint>

namespace kos::sim {

/// The guests as their VMMs see them: told of what has happened. On the machine's thread only.
class GuestEvents {
   public:
    virtual void state_changed(std::uint32_t app, external::State state) = 0;
    /// The stream to the guest's control service is open, closed, or could not be opened.
    virtual void link_changed(std::uint32_t app, bool is_open) = 0;
    /// Bytes of that stream. `GuestRunner::consumed` tells when the VMM has taken them.
    virtual void received(std::uint32_t app, Bytes bytes) = 0;
    /// Whole records about streams that the guest asks for.
    virtual void records_came(std::uint32_t app, Bytes records) = 0;

   protected:
    ~GuestEvents() = default;
};

/// Called on the machine's thread, from within the run; never waits.
class GuestRunner {
   public:
    virtual ~GuestRunner() = default;
    /// Starts the guest of app \p app of the system image; the state tells how that went.
    virtual void start(std::uint32_t app) = 0;
    virtual void end(std::uint32_t app) = 0;
    virtual void set_link(std::uint32_t app, bool is_open) = 0;
    virtual void send(std::uint32_t app, Bytes bytes) = 0;
    virtual void consumed(std::uint32_t app, std::uint32_t bytes) = 0;
    /// Whole records of the VMM's.
    virtual void send_records(std::uint32_t app, Bytes records) = 0;
    /// Hands on what has happened since it was asked last; whether anything had.
    virtual bool deliver(GuestEvents& events) = 0;
    /// Whether a guest runs: something may happen although no thread of the board can run.
    [[nodiscard]] virtual bool is_busy() const = 0;
};

}  // namespace kos::sim
