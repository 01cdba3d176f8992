// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sockets of unchanged programs to services of the guest's compose networks, native or in other
// guests: TCP for the container, streams of the host's message servers beyond (docs/msg.md, "Stream
// sockets"; docs/adr says why it is done so).
#pragma once

#include "kosinit/sockets/listening.hpp"
#include "kosinit/sockets/steering.hpp"

namespace kos::init {

class Services {
   public:
    Services(Context& context, const ServiceNetwork& network, OpenStream open);
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    /// From now on containers that are launched have them.
    [[nodiscard]] Outcome<void> begin();

   private:
    void watch(sys::UniqueFd filter);
    void on_call(const std::shared_ptr<CallListener>& listener, std::uint32_t events);
    void drain_releases();

    Context& context_;
    ServiceNetwork network_;
    Relays relays_;
    Connecting connecting_;
    Listening listening_;
    std::optional<Steering> steering_;
    std::optional<ReleaseWatch> releases_;
};

}  // namespace kos::init
