// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The host's end of a guest's streams: one stream to its control service. Streams that the guest
// asks for are refused.
#pragma once

#include "lib/base/bytes.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kos::qemu {

class ControlStream final : public virtio::SocketHost {
   public:
    static constexpr std::uint32_t window = 256u << 10;

    struct Events {
        std::function<void()> opened;
        /// It was open.
        std::function<void()> closed;
        /// It could not be opened: the guest is not there yet.
        std::function<void()> refused;
        std::function<void(Bytes)> received;
    };
    explicit ControlStream(Events events) : events_(std::move(events)) {}
    /// The device that this is the host's end of; before anything happens.
    void attach(virtio::Socket& device) { device_ = &device; }

    /// Tries to open the stream to \p port once.
    void open(std::uint32_t port);
    void close();
    void send(Bytes bytes);
    /// Of the bytes received, so many have been dealt with.
    void consumed(std::uint32_t count);

    /// It is this stream, open or not.
    [[nodiscard]] bool has(virtio::StreamId id) const { return stream_ == id; }

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override;
    void connected(virtio::StreamId id) override;
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override;
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override;
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override;
    void closed(virtio::StreamId id) override;

   private:
    Events events_;
    virtio::Socket* device_ = nullptr;
    std::optional<virtio::StreamId> stream_;
    bool is_open_ = false;
    std::string out_;
    std::uint32_t next_port_ = 1u << 30;
};

}  // namespace kos::qemu
