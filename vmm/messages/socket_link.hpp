// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The bridge's end of the streams of a socket device.
#pragma once

#include "vmm/messages/bridge.hpp"
#include "vmm/virtio/vsock/router.hpp"

namespace kos::vmm {

class MessageSocketLink final : public virtio::SocketHost, public GuestStreams {
   public:
    /// Both outlive it, and have nothing to do before attach().
    explicit MessageSocketLink(virtio::SocketRouter& router) : router_(router) {}
    void attach(MessageBridge& bridge) { bridge_ = &bridge; }

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override;
    void connected(virtio::StreamId id) override;
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override;
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override;
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override;
    void closed(virtio::StreamId id) override;

    void accept(StreamNumber stream, std::uint32_t window) override;
    void abort(StreamNumber stream) override;
    void wake(StreamNumber stream) override;
    void consumed(StreamNumber stream, std::uint32_t bytes) override;
    void finish(StreamNumber stream) override;
    void close(StreamNumber stream) override;

   private:
    virtio::SocketRouter& router_;
    MessageBridge* bridge_ = nullptr;
};

}  // namespace kos::vmm
