// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The host's end of a guest's streams. README.md shows who calls whom.
#pragma once

#include "vmm/virtio/queue/buffers.hpp"

#include <compare>
#include <cstdint>

namespace kos::virtio {

/// A stream between a port of the guest and one of the host.
struct StreamPorts {
    std::uint32_t guest = 0, host = 0;
    friend constexpr auto operator<=>(const StreamPorts&, const StreamPorts&) = default;
};

/// Names a stream from its beginning until `closed`, `refuse` or `abort`; numbers are small and
/// used again.
enum class StreamId : std::uint16_t {};

class SocketHost {
   public:
    /// The guest asks for a stream: call `accept` or `refuse`, now or later.
    virtual void connect_requested(StreamId id, StreamPorts ports) = 0;
    /// A stream that the host's end asked for with `connect` is open.
    virtual void connected(StreamId id) = 0;
    /// Bytes of the guest, within the window: all of them are to be taken.
    virtual void received(StreamId id, ReadableBuffers bytes) = 0;
    /// Fills \p target with bytes for the guest; how many. 0: there are none, until `wake`.
    virtual std::uint64_t send(StreamId id, WritableBuffers target) = 0;
    /// The guest sends nothing more, or receives nothing more. After both, call `close` once what
    /// was received is dealt with.
    virtual void guest_finished(StreamId id, bool sending, bool receiving) = 0;
    /// The stream is gone: refused, reset, or closed by both.
    virtual void closed(StreamId id) = 0;

   protected:
    ~SocketHost() = default;
};

}  // namespace kos::virtio
