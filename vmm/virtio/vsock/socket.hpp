// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The socket device (VIRTIO 1.2, section 5.10): queue 0 receives, 1 transmits, 2 has events.
#pragma once

#include "lib/base/static_vector.hpp"
#include "vmm/virtio/device/device.hpp"
#include "vmm/virtio/vsock/host.hpp"
#include "vmm/virtio/vsock/layout.hpp"
#include "vmm/virtio/vsock/table.hpp"

#include <array>
#include <optional>
#include <span>

namespace kos::virtio {

struct SocketMetrics {
    std::uint64_t bytes_sent = 0, bytes_received = 0;  ///< to and from the guest
    std::uint64_t streams = 0;                         ///< that were opened
    std::uint64_t resets = 0;                          ///< sent
    std::uint64_t dropped = 0;                         ///< packets that were not for us
};

class Socket final : public Device {
   public:
    /// \p host and \p connections outlive the device.
    Socket(SocketHost& host, std::uint64_t guest_cid, std::span<Connection> connections);

    [[nodiscard]] Features offered() const override { return 0; }
    void read_config(std::uint64_t offset, MutableBytes target) const override;
    [[nodiscard]] const SocketMetrics& socket_metrics() const { return socket_metrics_; }
    [[nodiscard]] std::size_t streams() const { return table_.size(); }

    // What the host's end does, from within its own functions or at any time. \p window is how many
    // bytes of the guest it has room for; it stays.

    /// Answers `connect_requested`.
    void accept(StreamId id, std::uint32_t window);
    void refuse(StreamId id) { abort(id); }
    /// Asks the guest for a stream; nothing where the ports are in use, the table is full, or the
    /// guest has no driver.
    [[nodiscard]] std::optional<StreamId> connect(StreamPorts ports, std::uint32_t window);
    /// There are bytes for the guest: `send` will be called.
    void wake(StreamId id);
    /// \p count of the bytes received have left the host's end.
    void consumed(StreamId id, std::uint32_t count);
    /// No bytes follow those that `send` still gives.
    void finish(StreamId id);
    /// An orderly end of both directions, after what `send` still gives; `closed` will be called.
    void close(StreamId id);
    /// The end, now; `closed` is not called.
    void abort(StreamId id);

   private:
    static constexpr unsigned receive_queue = 0, transmit_queue = 1, event_queue = 2;

    /// A packet of the guest that belongs to no stream is answered with this.
    struct ResetReply {
        StreamPorts ports;
        std::uint16_t type = socket_stream;
    };

    Result<void, DriverError> process(unsigned index) override;
    void on_reset() override;
    Result<void, DriverError> handle_packet(const Chain& chain);
    void handle(const SocketHeader& header, ReadableBuffers payload);
    void handle_request(const SocketHeader& header, StreamPorts ports);
    void handle_stream(StreamId id, const SocketHeader& header, ReadableBuffers payload);
    void handle_shutdown(StreamId id, std::uint32_t flags);
    /// Ends a stream because of what the guest did.
    void break_stream(StreamId id);
    void remove(StreamId id, bool tell);
    void changed(StreamId id);

    /// Sends what is to be sent, as long as there are buffers.
    Result<void, DriverError> flush();
    void flush_later();
    /// Sends one packet of the stream; false where it had nothing.
    Result<bool, DriverError> send_next(StreamId id);
    [[nodiscard]] SocketHeader header_for(StreamPorts ports, SocketOperation operation) const;
    Result<bool, DriverError> put(const SocketHeader& header);

    SocketHost& host_;
    std::uint64_t guest_cid_;
    ConnectionTable table_;
    StaticVector<ResetReply, 32> replies_;
    bool busy_ = false;     ///< a flush follows anyway
    bool stalled_ = false;  ///< transmitting waits for buffers to answer with
    std::array<Queue, 3> queues_;
    SocketMetrics socket_metrics_;
};

}  // namespace kos::virtio
