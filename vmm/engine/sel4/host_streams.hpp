// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams of the host to the guest's control service, over the control channel
// (lib/msg/guest_stream.hpp). Bytes of the guest go on at once, and count against its credit until
// the host says that they are consumed: only bytes for the guest are kept here.
#pragma once

#include "lib/msg/stream_table.hpp"
#include "vmm/virtio/vsock/router.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::vmm {

class HostStreams final : public virtio::SocketHost, msg::StreamTable {
   public:
    /// \p line outlives this.
    explicit HostStreams(msg::HostLine& line) : StreamTable(line, msg::max_streams) {}
    /// Where streams to the guest come from; before anything happens.
    void attach(virtio::SocketRouter& router) { router_ = &router; }

    /// What the host sent: the payload of a ToGuest frame. \p guest_listens: streams are refused
    /// before.
    void receive(Bytes payload, bool guest_listens);
    using StreamTable::tell_room;

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override;
    void connected(virtio::StreamId id) override;
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override;
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override;
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override;
    void closed(virtio::StreamId id) override;

   private:
    /// Ports of the host that the VMM's own stream does not use.
    static constexpr std::uint32_t first_port = 1u << 31;

    struct Link {
        std::optional<virtio::StreamId> id;              ///< nothing: there is no such stream
        bool guest_has_finished = false;                 ///< it sends nothing more
        bool guest_is_deaf = false;                      ///< it takes nothing more either
        std::uint32_t passed = 0;                        ///< bytes of the host's, to the guest
        std::array<std::byte, msg::host_window> kept{};  ///< received, not passed: a ring
    };

    bool opened(Number number, std::uint16_t port) override;
    bool data(Number number, Bytes bytes) override;
    void credit(Number number, std::uint32_t bytes) override;
    void finish(Number number) override;
    void release(Number number) override;
    void replace(Number number) override;
    /// The stream is none of the guest's any more; what it was there.
    virtio::StreamId forget(Number number);
    [[nodiscard]] std::optional<Number> find(virtio::StreamId id) const;

    virtio::SocketRouter* router_ = nullptr;
    std::array<Link, msg::max_streams> links_{};
    std::uint32_t next_port_ = first_port;
    bool guest_listens_ = false;
};

}  // namespace kos::vmm
