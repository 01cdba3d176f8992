// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams of the host to the guest's control service, over the control channel
// (lib/msg/guest_stream.hpp). Bytes of the guest go on at once, and count against its credit until
// the host says that they are consumed: only bytes for the guest are kept here.
#pragma once

#include "lib/msg/guest_stream.hpp"
#include "lib/native/manager.hpp"
#include "vmm/virtio/vsock/router.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::vmm {

/// Takes what goes to the host: the payload of a GuestStream frame.
class HostLine {
   public:
    virtual void send(Bytes payload) = 0;

   protected:
    ~HostLine() = default;
};

class HostStreams final : public virtio::SocketHost {
   public:
    /// Most bytes of a payload that goes to the host.
    static constexpr std::size_t longest_payload = native::write_max;

    /// \p line outlives this.
    explicit HostStreams(HostLine& line) : line_(line) {}
    /// Where streams to the guest come from; before anything happens.
    void attach(virtio::SocketRouter& router) { router_ = &router; }

    /// What the host sent: the payload of a ToGuest frame. Where it is none, nothing happens.
    /// \p guest_listens: streams are refused before.
    void receive(Bytes payload, bool guest_listens);

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override;
    void connected(virtio::StreamId id) override;
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override;
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override;
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override;
    void closed(virtio::StreamId id) override;

   private:
    /// Ports of the host that the VMM's own stream does not use.
    static constexpr std::uint32_t first_port = 1u << 31;

    /// Counters of bytes wrap at 2^32.
    struct Stream {
        std::optional<virtio::StreamId> id;  ///< nothing: there is no such stream
        std::uint32_t name = 0;              ///< as Open gave it
        bool is_open = false;
        bool has_finished = false;                       ///< the host sends nothing more
        bool guest_has_finished = false;                 ///< nor does the guest
        bool guest_is_deaf = false;                      ///< it takes nothing more either
        std::uint32_t received = 0, passed = 0;          ///< of the host; to the guest
        std::uint32_t told = 0;                          ///< of `passed`, to the host
        std::uint32_t sent = 0, consumed = 0;            ///< of the guest, to the host; by it
        std::array<std::byte, msg::host_window> kept{};  ///< received, not passed: a ring
    };

    void open(std::uint8_t number, std::uint32_t name, bool guest_listens);
    void take_data(std::uint8_t number, std::uint32_t position, Bytes bytes);
    void take_credit(Stream& stream, std::uint32_t position);
    /// Ends the stream, if there is one, and says so.
    void end(std::uint8_t number);
    void tell(std::uint8_t number, msg::StreamEvent event, std::uint32_t position,
              Bytes bytes = {});
    [[nodiscard]] std::optional<std::uint8_t> find(virtio::StreamId id) const;

    HostLine& line_;
    virtio::SocketRouter* router_ = nullptr;
    std::array<Stream, msg::max_streams> streams_{};
    std::uint32_t next_port_ = first_port;
};

}  // namespace kos::vmm
