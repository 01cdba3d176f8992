// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// TCP ports of this machine that lead to services (docs/compose.md, "Ports"): listens from before
// the system starts, and hands each connection to the line that its gateway is at.
//
//   listen ──► serve ──► accepted, as long as the line has room ──► GuestLine::connect_to_port
#pragma once

#include "cli/instance/guest_line.hpp"
#include "lib/base/error.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kos::instance {

struct PublishedPort {
    /// This machine alone reaches it, where no other address is asked for.
    static constexpr const char* default_address = "127.0.0.1";

    std::string service{};
    std::string address = default_address;  ///< numeric, IPv4 or IPv6
    /// The first free one of these is listened on; 0: any.
    std::uint16_t first = 0, last = 0;
    std::uint16_t target = 0;  ///< where it leads: the service's
    std::uint16_t number = 0;  ///< of that in the gateway's plan
};

class HostPorts {
   public:
    /// KOS-E-HOST-PORT, with what could not be had and for which service.
    static Outcome<HostPorts> listen(const std::vector<PublishedPort>& ports);
    ~HostPorts();
    HostPorts(HostPorts&&) noexcept = default;
    HostPorts& operator=(HostPorts&&) = delete;

    /// Takes connections from here on. Both outlive it; \p gateway is the app's number.
    Outcome<void> serve(sys::EventLoop& loop, GuestLine& line, std::uint8_t gateway);
    /// To be called each time that the line had its turn: connections that it has no room for wait.
    void tend();

    /// Those of a service, as `127.0.0.1:8080->80/tcp`.
    [[nodiscard]] std::vector<std::string> of_service(const std::string& service) const;

   private:
    struct Listener {
        sys::UniqueFd socket;
        PublishedPort port;  ///< first and last: the one that was taken
    };

    explicit HostPorts(std::vector<Listener> listeners) : listeners_(std::move(listeners)) {}
    [[nodiscard]] bool has_room() const {
        return line_->port_clients() < GuestLine::most_port_clients;
    }
    void accept(const Listener& listener);

    std::vector<Listener> listeners_;
    sys::EventLoop* loop_ = nullptr;
    GuestLine* line_ = nullptr;
    std::uint8_t gateway_ = 0;
    bool is_paused_ = false;
};

}  // namespace kos::instance
