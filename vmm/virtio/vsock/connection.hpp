// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One stream: its state, what is to be sent to the guest next, and the credit of both directions
// (VIRTIO 1.2, section 5.10.6.3).
//
//   guest → host:  received − consumed ≤ window      (ours to give)
//   host → guest:  sent − guest_forwarded ≤ guest_window
#pragma once

#include "vmm/virtio/vsock/host.hpp"
#include "vmm/virtio/vsock/layout.hpp"

#include <cstdint>

namespace kos::virtio {

/// Counters of bytes wrap at 2^32, as the protocol's do.
struct Connection {
    enum class State : std::uint8_t {
        Free,
        Requested,   ///< the guest asked; the host's end has not answered
        Connecting,  ///< the host's end asked; the guest has not answered
        Open,
        Closing,  ///< we have shut down both ways; the guest's RST is to come
    };
    static constexpr std::uint16_t none = 0xffff;

    /// The operation that goes to the guest next, Invalid where there is none. ReadWrite and
    /// CreditRequest only say that the host's end may have bytes.
    [[nodiscard]] SocketOperation next_operation() const;
    /// Bytes that the guest has room for.
    [[nodiscard]] std::uint32_t guest_room() const;
    /// What every packet of the guest says about its buffer.
    void note_credit(const SocketHeader& header);
    /// Whether the guest may send \p size more bytes; they count as received then.
    [[nodiscard]] bool receive(std::uint32_t size);
    /// Whether the guest should learn of the room that there is by now.
    [[nodiscard]] bool credit_is_due() const;

    State state = State::Free;
    bool response = false;   ///< a Response is due
    bool request = false;    ///< a Request is due
    bool reset = false;      ///< a Reset is due, and then it is over
    bool has_data = false;   ///< the host's end has, or may have, bytes
    bool finishing = false;  ///< the host's end sends nothing behind what it has
    bool closing = false;    ///< the host's end wants nothing more either way
    bool asked_for_credit = false;
    std::uint32_t shut_down = 0;        ///< flags that we have sent
    std::uint32_t guest_shut_down = 0;  ///< flags that the guest has sent

    StreamPorts ports;
    std::uint32_t window = 0;  ///< room at the host's end
    std::uint32_t received = 0, consumed = 0;
    std::uint32_t advertised = 0;  ///< `consumed` as the guest knows it
    std::uint32_t guest_window = 0, guest_forwarded = 0;
    std::uint32_t sent = 0;

    // The table's: neighbours in a bucket, and in the queue of streams with something to send.
    std::uint16_t next_in_bucket = none;
    std::uint16_t next_ready = none;
    bool is_ready = false;
};

}  // namespace kos::virtio
