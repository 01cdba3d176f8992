// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A switch: ports, whose packets go where `Forwarding` says. README.md shows the way of a packet.
#pragma once

#include "netswitch/core/packet_queue.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::netswitch {

/// Before the frame of a packet: what its sender left to do, carried along unread.
inline constexpr std::size_t packet_head = 12;

enum class Taking : std::uint8_t {
    Done,
    Later,    ///< keep it until `Switch::ready`
    Refused,  ///< it cannot take this packet, now or later
};

struct PortMetrics {
    std::uint64_t received = 0;                  ///< packets from it that went to somebody
    std::uint64_t spoofed = 0, misdirected = 0;  ///< from it, to nobody
    std::uint64_t sent = 0;                      ///< to it
    std::uint64_t queue_full = 0, refused = 0;   ///< for it, dropped
};

/// What is at the other end of one.
class Port {
   public:
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    [[nodiscard]] const PortMetrics& metrics() const { return metrics_; }
    [[nodiscard]] bool has_waiting() const { return !queue_.empty(); }

   protected:
    /// \p queue: memory for packets that wait; it outlives the port.
    explicit Port(MutableBytes queue) : queue_(queue) {}
    ~Port() = default;

    /// A packet for this port, gone when this returns. Calls no function of the switch.
    virtual Taking take(Bytes packet) = 0;

   private:
    friend class Switch;
    PacketQueue queue_;
    PortMetrics metrics_;
    std::optional<unsigned> number_;
};

class Switch {
   public:
    /// \p port has one \p address, or is a trunk. False where the address is taken or no
    /// individual's, or there are too many ports. The port stays until it leaves.
    [[nodiscard]] bool join(Port& port, const std::optional<MacAddress>& address);
    /// With what waits for it.
    void leave(Port& port);

    /// A packet from \p port, which has joined: nobody changes its bytes meanwhile. \p now:
    /// milliseconds, which never go back.
    void receive(Port& port, Bytes packet, std::uint64_t now);
    /// \p port takes packets again.
    void ready(Port& port);

    [[nodiscard]] const Forwarding& forwarding() const { return forwarding_; }

   private:
    void hand(unsigned sender, Port& port, Bytes packet);

    Forwarding forwarding_;
    std::array<Port*, max_ports> ports_{};
};

}  // namespace kos::netswitch
