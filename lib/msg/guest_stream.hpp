// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams to the control services of guests (docs/guest-control.md) over the control channel: what
// a GuestStream or ToGuest frame carries between the host and a guest's VMM. The root server hands
// it on as it is. Streams of the host's ports to services likewise, with a gateway (gateway/core)
// in the VMM's place, which connects to the service that Open names.
//
//   host                                  VMM
//   Open ───────────────────────────────►  connects to the guest's port 1001
//        ◄─────────────────────────────── Open, or Close where nobody listens there
//   Data, at most host_window beyond Credit  ──►   ◄── Data, at most guest_window beyond Credit
//   Finish: no Data follows                  ──►   ◄── Finish
//   Close: it is over, answered in any case  ──►   ◄── Close
//                                                   ◄── Room: what was answered with busy may come
//
// Each end counts the bytes of either direction, modulo 2^32. Data that begins behind what was
// received so far ends the stream, for bytes are missing; Data that begins before it was sent
// twice, and counts once. So a frame may be sent again, and a lost one never goes unnoticed where
// another follows.
#pragma once

#include "lib/base/little_endian.hpp"
#include "lib/native/manager.hpp"

#include <cstddef>
#include <cstdint>

namespace kos::msg {

enum class StreamEvent : std::uint8_t {
    Open = 1,
    Data = 2,
    Credit = 3,
    Finish = 4,
    Close = 5,
    Room = 6
};

struct StreamHeader {
    std::uint8_t stream = 0;  // 0: its number, below max_streams: the host's choice at Open
    std::uint8_t event = 0;   // 1: StreamEvent
    Le16 port;                // 2: of an Open to a gateway: number of the port in its plan; else 0
    Le32 position;            // 4: Data: of its first byte; Finish: of the end; Credit: bytes that
                              // have left the end that says so; the host's Open: a number that no
                              // other stream has; Close: that number; Room, which is about no
                              // stream: 0, as the stream's number
};
static_assert(sizeof(StreamHeader) == 8);

/// Streams of one guest at a time.
inline constexpr std::size_t max_streams = 8;
/// Streams of a gateway at a time: as many as an app may have channels at a message server.
inline constexpr std::size_t max_gateway_streams = 16;
/// Bytes that a VMM keeps of a stream for its guest.
inline constexpr std::uint32_t host_window = 2048;
/// Bytes that the host keeps of a stream of a guest.
inline constexpr std::uint32_t guest_window = 16u << 10;

/// Bytes of Data, header and all, that one ToGuest frame carries at most.
inline constexpr std::size_t max_to_guest = 1024;
/// Likewise of a GuestStream frame: what one message to the root server carries.
inline constexpr std::size_t max_from_guest = native::write_max;
inline constexpr std::size_t max_data_to_host = max_from_guest - sizeof(StreamHeader);

}  // namespace kos::msg
