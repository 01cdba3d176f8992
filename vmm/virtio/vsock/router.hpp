// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Deals the streams of one device out to several host's ends.
//
//   Socket ──► SocketRouter ──► whoever asked for the stream, or listens on the port asked for
#pragma once

#include "lib/base/static_vector.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::virtio {

class SocketRouter final : public SocketHost {
   public:
    /// Streams that a device may have at once.
    static constexpr std::size_t most_streams = 64;
    static constexpr std::size_t most_listeners = 4;

    /// The device that this is the host's end of; before anything happens.
    void attach(Socket& device) { device_ = &device; }
    [[nodiscard]] Socket& device() const { return *device_; }

    /// Streams that the guest asks for to \p port are \p owner's from now on; those to other ports
    /// are refused. \p owner outlives this.
    void listen(std::uint32_t port, SocketHost& owner);
    /// Likewise those to all ports that nobody listens on.
    void listen_elsewhere(SocketHost& owner) { elsewhere_ = &owner; }
    /// As Socket::connect, for \p owner, which outlives the stream.
    [[nodiscard]] std::optional<StreamId> connect(SocketHost& owner, StreamPorts ports,
                                                  std::uint32_t window);
    /// What happens to the stream is nobody's business any more: what comes is dropped.
    void forget(StreamId id);

    void connect_requested(StreamId id, StreamPorts ports) override;
    void connected(StreamId id) override;
    void received(StreamId id, ReadableBuffers bytes) override;
    std::uint64_t send(StreamId id, WritableBuffers target) override;
    void guest_finished(StreamId id, bool sending, bool receiving) override;
    void closed(StreamId id) override;

   private:
    struct Listener {
        std::uint32_t port;
        SocketHost* owner;
    };
    [[nodiscard]] SocketHost* owner_of(StreamId id) const;
    /// False where the device has more streams than fit.
    bool set_owner(StreamId id, SocketHost* owner);

    Socket* device_ = nullptr;
    std::array<SocketHost*, most_streams> owners_{};
    StaticVector<Listener, most_listeners> listeners_;
    SocketHost* elsewhere_ = nullptr;
};

}  // namespace kos::virtio
