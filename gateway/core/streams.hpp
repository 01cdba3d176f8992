// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams of the host's ports to services: frames of the control channel (lib/msg/guest_stream.hpp)
// on one side, channels of a message server (lib/message/area.hpp) on the other.
//
//   host ──► receive() ──► ring ──► message server ──► service       Credit: what that has taken
//   host ◄── Line ◄─────── ring ◄── message server ◄── service       within the host's window
//
// No byte of a stream is kept here: the host may send what a ring has room for, and a service stops
// itself alone where its client does not read. What comes for a service that has closed is dropped
// until its answer is through, and then the stream ends. One that ends without a Finish of the
// service's was reset. Allocates nothing.
#pragma once

#include "gateway/core/plan.hpp"
#include "lib/message/area.hpp"
#include "lib/msg/guest_stream.hpp"
#include "lib/native/manager.hpp"
#include "vmm/messages/channel.hpp"
#include "vmm/messages/servers.hpp"

#include <array>
#include <cstdint>

namespace kos::gateway {

/// Takes what goes to the host: the payload of a GuestStream frame.
class Line {
   public:
    virtual void send(Bytes payload) = 0;

   protected:
    ~Line() = default;
};

class Streams {
   public:
    /// Most bytes of a payload that goes to the host.
    static constexpr std::size_t longest_payload = native::write_max;

    /// \p servers has one, of which the gateway is a member; all outlive it.
    Streams(vmm::MessageServers& servers, Line& line, Plan plan)
        : servers_(servers), line_(line), plan_(plan) {}
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

    /// The payload of a ToGuest frame. Where it is none, nothing happens.
    void receive(Bytes payload);

    /// Deals with what the message server changed, and has the gateway's thread signalled at the
    /// next change. To be called after each signal, once the mail was taken. False where more has
    /// changed meanwhile: to be called again, when all else has had its turn.
    [[nodiscard]] bool tend();

    [[nodiscard]] std::size_t count() const;

   private:
    /// Counters of bytes wrap at 2^32.
    struct Stream {
        bool is_open = false;
        std::uint32_t name = 0;  ///< as Open gave it
        vmm::MessageChannel channel;
        bool kick_is_due = false;
        bool host_has_finished = false;     ///< the host sends nothing more
        bool service_has_finished = false;  ///< nor does the service, as the host was told
        std::uint32_t received = 0;         ///< of the host
        std::uint32_t told = 0;             ///< of it, as what the service has taken
        std::uint32_t sent = 0;             ///< of the service, to the host
        std::uint32_t consumed = 0;         ///< of it, by the host
    };
    static constexpr std::uint32_t window = msg::host_window;
    static_assert(window <= message::ring_size);
    static_assert(msg::max_gateway_streams == message::channels_of_an_app);

    void open(std::uint8_t number, std::uint32_t name, std::uint32_t port);
    void take_data(std::uint8_t number, std::uint32_t position, Bytes bytes);
    void finish(std::uint8_t number, std::uint32_t position);
    void settle(std::uint8_t number);
    void tell_taken(std::uint8_t number, bool is_deaf);
    void pass_on(std::uint8_t number);
    void kick(Stream& stream);
    void release(Stream& stream);
    /// Ends the stream and says so.
    void end(std::uint8_t number);
    void tell(std::uint8_t number, msg::StreamEvent event, std::uint32_t position,
              Bytes bytes = {});

    vmm::MessageServers& servers_;
    Line& line_;
    Plan plan_;
    std::array<Stream, msg::max_gateway_streams> streams_{};
    bool is_armed_ = false;
    bool is_dirty_ = true;
    std::uint32_t seen_ = 0;
};

}  // namespace kos::gateway
