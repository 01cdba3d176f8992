// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The VMM's own stream to the guest's control service (docs/guest-control.md).
//
//   tend ──► connect ──► refused: again a little later │ connected ──► GuestControl ──► close
#pragma once

#include "vmm/control/guest_control.hpp"
#include "vmm/virtio/vsock/router.hpp"

#include <cstdint>
#include <optional>

namespace kos::vmm {

class ControlLink final : public virtio::SocketHost {
   public:
    /// \p control outlives this; \p retry_interval in ticks of the counter that `tend` is given.
    ControlLink(GuestControl& control, std::uint64_t retry_interval)
        : control_(control), retry_interval_(retry_interval) {}
    /// Where streams to the guest come from; before anything happens.
    void attach(virtio::SocketRouter& router) { router_ = &router; }

    /// Does what is due at \p now: asks the guest for the stream, sends, closes.
    void tend(std::uint64_t now);
    /// When `tend` wants to be called though nothing happens; nothing where it does not.
    [[nodiscard]] std::optional<std::uint64_t> next_due() const;
    /// The guest sent what is no frame: the stream is of no use any more.
    [[nodiscard]] bool is_broken() const { return is_broken_; }
    /// The guest's control service has answered, and has not ended yet.
    [[nodiscard]] bool is_open() const { return is_open_; }

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override;
    void connected(virtio::StreamId id) override;
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override;
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override;
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override;
    void closed(virtio::StreamId id) override;

   private:
    static constexpr std::uint32_t window = 64u << 10;
    static constexpr std::uint32_t first_port = 1u << 30;

    GuestControl& control_;
    std::uint64_t retry_interval_;
    virtio::SocketRouter* router_ = nullptr;
    std::optional<virtio::StreamId> stream_;
    bool is_open_ = false;
    bool is_closing_ = false;
    bool is_broken_ = false;
    std::uint64_t next_try_ = 0;
    std::uint32_t next_port_ = first_port;
};

}  // namespace kos::vmm
