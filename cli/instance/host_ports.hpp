// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// TCP ports of this machine that lead to services (docs/compose.md, "Ports"): listens from before
// the system starts, and hands each connection to the line that its gateway is at.
//
//   listen ──► serve ──► accepted, as long as there is a place ──► GuestLine::connect_to_port
//
// A client has a place until it is gone, and there are as many as the gateway has streams. A port
// that has no client finds one kept for it, whatever the clients of other ports do; the others are
// for who comes first. Where there are fewer places than ports, a port has one of its own at least.
#pragma once

#include "cli/instance/guest_line.hpp"
#include "lib/base/error.hpp"
#include "lib/linux/acceptor.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <memory>
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
    /// Clients of all ports at a time.
    static constexpr std::size_t places = msg::max_gateway_streams;

    /// KOS-E-HOST-PORT, with what could not be had and for which service.
    static Outcome<HostPorts> listen(const std::vector<PublishedPort>& ports);

    /// Takes connections from here on. Both outlive it; \p gateway is the app's number.
    Outcome<void> serve(sys::EventLoop& loop, GuestLine& line, std::uint8_t gateway,
                        const sys::Acceptor::Log& log);
    /// To be called each time that the line had its turn: connections that have no place wait.
    void tend();

    /// Those of a service, as `127.0.0.1:8080->80/tcp`.
    [[nodiscard]] std::vector<std::string> of_service(const std::string& service) const;

   private:
    struct Listener {
        sys::UniqueFd socket;  ///< until `acceptor` has it
        PublishedPort port;    ///< first and last: the one that was taken
        /// Each client has a copy.
        std::shared_ptr<void> place = std::make_shared<char>();
        std::unique_ptr<sys::Acceptor> acceptor{};

        [[nodiscard]] std::size_t clients() const {
            return static_cast<std::size_t>(place.use_count()) - 1;
        }
    };

    explicit HostPorts(std::vector<Listener> listeners) : listeners_(std::move(listeners)) {}

    std::vector<Listener> listeners_;
    GuestLine* line_ = nullptr;
};

}  // namespace kos::instance
