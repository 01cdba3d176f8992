// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/console/control.hpp"

namespace kos::virtio {

std::optional<ControlMessages::Next> ControlMessages::next() const {
    // A port is a console, and has its name, before it is opened.
    constexpr std::array order{ConsoleEvent::PortAdd, ConsoleEvent::ConsolePort,
                               ConsoleEvent::PortName, ConsoleEvent::PortOpen};
    for (unsigned port = 0; port < max_ports; ++port) {
        for (const ConsoleEvent event : order) {
            if ((pending_[port] & bit(event)) != 0) return Next{port, event};
        }
    }
    return std::nullopt;
}

}  // namespace kos::virtio
