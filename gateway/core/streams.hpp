// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams of the host's ports to services: frames of the control channel (lib/msg/guest_stream.hpp)
// on one side, channels of a message server (lib/message/area.hpp) on the other.
//
//   host ──► receive() ──► ring ──► message server ──► service       Credit: what that has taken
//   host ◄── HostLine ◄─── ring ◄── message server ◄── service       within the host's window
//
// No byte of a stream is kept here: the host may send what a ring has room for, and a service stops
// itself alone where its client does not read. What comes for a service that has closed is dropped
// until its answer is through, and then the stream ends. One that ends without a Finish of the
// service's was reset. Allocates nothing.
#pragma once

#include "gateway/core/plan.hpp"
#include "lib/message/area.hpp"
#include "lib/msg/stream_table.hpp"
#include "vmm/messages/channel.hpp"
#include "vmm/messages/servers.hpp"

#include <array>
#include <cstdint>

namespace kos::gateway {

class Streams final : msg::StreamTable {
   public:
    /// \p servers has one, of which the gateway is a member; all outlive it.
    Streams(vmm::MessageServers& servers, msg::HostLine& line, Plan plan)
        : StreamTable(line, msg::max_gateway_streams), servers_(servers), plan_(plan) {}

    /// The payload of a ToGuest frame.
    void receive(Bytes payload);

    /// Deals with what the message server changed, and has the gateway's thread signalled at the
    /// next change. To be called after each signal, once the mail was taken. False where more has
    /// changed meanwhile: to be called again, when all else has had its turn.
    [[nodiscard]] bool tend();

    using StreamTable::count;
    using StreamTable::tell_room;

   private:
    struct Link {
        vmm::MessageChannel channel;
        bool kick_is_due = false;
        bool service_has_finished = false;  ///< it sends nothing more, as the host was told
    };
    static_assert(msg::host_window <= message::ring_size);
    static_assert(msg::max_gateway_streams == message::channels_of_an_app);

    bool opened(Number number, std::uint16_t port) override;
    bool data(Number number, Bytes bytes) override;
    void finish(Number number) override;
    void release(Number number) override;

    void settle(Number number);
    void pass_on(Number number);
    void kick(Link& link);

    vmm::MessageServers& servers_;
    Plan plan_;
    std::array<Link, msg::max_gateway_streams> links_{};
    bool is_armed_ = false;
    bool is_dirty_ = true;
    std::uint32_t seen_ = 0;
};

}  // namespace kos::gateway
