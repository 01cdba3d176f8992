// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// connect(2) to another service:
//
//     container          PID 1                                    host
//     connect ── Call ──►  looks at socket and address
//                          Connect ── vsock ───────────────────►  Ok, or Refused: ECONNREFUSED
//                          names the socket's own end
//     (goes on) ◄───────── proceeds
//       └── lo ─────────►  accepts, finds the stream by the port, joins the two
#pragma once

#include "kosinit/sockets/caller.hpp"
#include "kosinit/sockets/exchange.hpp"
#include "kosinit/sockets/relay.hpp"

#include <map>

namespace kos::init {

/// A stream to the host's port, made or being made; tests have another.
using OpenStream = std::function<sys::Result<sys::UniqueFd>()>;

/// What a program sees of the host's answer; 0 for Ok.
[[nodiscard]] int errno_of(const Answer& answer);

class Connecting {
   public:
    Connecting(Context& context, const ServiceNetwork& network, OpenStream open, Relays& relays);

    /// Answers it, now or later.
    void connect(const Call& call);
    /// Takes the connections that wait at Steering's listener.
    void accept(sys::Fd listener);

   private:
    /// By these two the kernel's connection is told from others: where it goes, from which port.
    struct Way {
        End to;
        std::uint16_t from = 0;
        friend auto operator<=>(const Way&, const Way&) = default;
    };
    struct Expected {
        sys::UniqueFd stream;
        Timers::Id timer;
    };

    void request(End to, std::function<void(Answer)> done);
    void connected(const Call& call, sys::Fd socket, End to, Answer answer);
    void take(sys::UniqueFd local);

    Context& context_;
    std::vector<Ipv4Address> peers_;  ///< sorted
    OpenStream open_;
    Relays& relays_;
    std::map<Way, Expected> expected_;
};

}  // namespace kos::init
