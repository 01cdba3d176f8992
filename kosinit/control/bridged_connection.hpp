// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One message connection: a SEQPACKET socket and a stream, each a buffer's length ahead of the
// other at most. Frames, until the host lets it be a byte stream (Attach of docs/msg.md): then
// packets are parts of that, cut anywhere.
#pragma once

#include "kosinit/supervise/context.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kos::init {

class BridgedConnection {
   public:
    /// \p on_end is called once, from the loop, when both directions have ended or either socket
    /// has failed.
    BridgedConnection(Context& context, sys::UniqueFd packets, sys::UniqueFd stream,
                      std::function<void()> on_end);
    BridgedConnection(const BridgedConnection&) = delete;
    BridgedConnection& operator=(const BridgedConnection&) = delete;
    ~BridgedConnection();

   private:
    void on_packets(std::uint32_t events);
    void on_stream(std::uint32_t events);
    /// Each returns false where the connection is at its end.
    bool read_packet();
    bool read_stream();
    bool write_stream();
    bool write_packets();
    /// The next packet for the container, and how many bytes of `to_packets_` it takes; nothing
    /// where it is not whole yet.
    struct Packet {
        std::size_t offset, size;
        bool attaches = false;  ///< what follows it is a byte stream
    };
    [[nodiscard]] std::optional<Packet> next_packet() const;
    void update();
    void wait_for(sys::Fd socket, std::uint32_t& before, std::uint32_t events);
    void end();

    Context& context_;
    sys::UniqueFd packets_;
    sys::UniqueFd stream_;
    std::function<void()> on_end_;
    std::string to_stream_;
    std::string to_packets_;            ///< frames as they came
    bool is_attached_ = false;          ///< a byte stream by now
    bool packets_ended_ = false;        ///< the container sends no more
    bool stream_ended_ = false;         ///< the host sends no more
    bool is_stream_shut_ = false;       ///< the host was told
    bool is_packets_shut_ = false;      ///< the container was told
    bool is_client_gone_ = false;       ///< nothing can be told to the container
    std::uint32_t packets_events_ = 0;  ///< waited for
    std::uint32_t stream_events_ = 0;
    bool packets_blocked_ = false;  ///< it has to take what it got first
};

}  // namespace kos::init
