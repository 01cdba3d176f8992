// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The sockets of an instance's guests: a connection to N.guest is a stream to the control service
// of app N's guest (docs/guest-control.md).
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/instance/folder.hpp"
#include "lib/linux/acceptor.hpp"
#include "lib/linux/event_loop.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace kos::instance {

/// What the socket of app \p number is called.
[[nodiscard]] std::string guest_socket_name(std::uint32_t number);

class GuestSockets {
   public:
    /// All outlive it.
    GuestSockets(sys::EventLoop& loop, const Folder& folder, control::GuestLinks& guests,
                 sys::Acceptor::Log log)
        : loop_(loop), folder_(folder), guests_(guests), log_(std::move(log)) {}
    /// Takes the sockets away; streams that are open stay.
    ~GuestSockets();
    GuestSockets(const GuestSockets&) = delete;
    GuestSockets& operator=(const GuestSockets&) = delete;

    Outcome<void> listen(std::uint32_t app);

   private:
    sys::EventLoop& loop_;
    const Folder& folder_;
    control::GuestLinks& guests_;
    sys::Acceptor::Log log_;
    std::map<std::uint32_t, std::unique_ptr<sys::Acceptor>> listeners_;
};

}  // namespace kos::instance
