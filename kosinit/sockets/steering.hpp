// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where connections to services arrive: one listener of PID 1 stands for every port of every other
// service. Their addresses are local to the guest (routes of type local, not addresses of an
// interface), and a program at the kernel's look-up of listeners (BPF_PROG_TYPE_SK_LOOKUP) gives
// their connections to our socket. So both ends are named as they should be, and no port of a
// container's is taken: it may listen on 0.0.0.0:80 and connect to SERVICE:80.
//
//     connect(10.1.0.2:5050) ── lo ──► look-up: 10.1.0.2 is another service's ──► PID 1 accepts
//     connect(127.0.0.1, own address) ─► the container's own listener, as ever
#pragma once

#include "kosinit/setup/guest_config.hpp"
#include "lib/linux/unique_fd.hpp"

#include <vector>

namespace kos::init {

class Steering {
   public:
    /// Own addresses come to `lo`. A listener only where there are other services.
    [[nodiscard]] static Outcome<Steering> create(const ServiceNetwork& network);

    /// Non-blocking; -1 where there are no other services.
    [[nodiscard]] sys::Fd listener() const { return listener_.get(); }

   private:
    sys::UniqueFd listener_;
    sys::UniqueFd program_;  ///< the link, which keeps it in force
};

/// Addresses of other services, each once.
[[nodiscard]] std::vector<Ipv4Address> peers_of(const ServiceNetwork& network);

}  // namespace kos::init
