// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is still to be told to a console's driver: a set of events for each port, so that a driver
// that gives no buffers makes nothing grow.
#pragma once

#include "vmm/virtio/console/layout.hpp"

#include <array>
#include <optional>

namespace kos::virtio {

class ControlMessages {
   public:
    static constexpr unsigned max_ports = 4;

    struct Next {
        unsigned port;
        ConsoleEvent event;
    };

    void add(unsigned port, ConsoleEvent event) { pending_[port] |= bit(event); }
    /// The next message, in the order that the specification has for a port.
    [[nodiscard]] std::optional<Next> next() const;
    void done(const Next& message) { pending_[message.port] &= ~bit(message.event); }
    void clear() { pending_ = {}; }

   private:
    static constexpr unsigned bit(ConsoleEvent event) { return 1u << static_cast<unsigned>(event); }

    std::array<unsigned, max_ports> pending_{};
};

}  // namespace kos::virtio
