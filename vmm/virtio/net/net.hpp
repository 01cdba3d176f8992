// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The network device (VIRTIO 1.2, section 5.1): queue 0 receives, queue 1 transmits.
#pragma once

#include "vmm/virtio/device/device.hpp"
#include "vmm/virtio/net/layout.hpp"
#include "vmm/virtio/net/link.hpp"

#include <array>
#include <cstdint>

namespace kos::virtio {

struct NetMetrics {
    std::uint64_t sent = 0, bytes_sent = 0;
    std::uint64_t received = 0, bytes_received = 0;
    std::uint64_t dropped_sent = 0;      ///< frames that their header did not fit
    std::uint64_t dropped_received = 0;  ///< frames that the guest cannot take
    std::uint64_t no_buffers = 0;
};

enum class Delivery : std::uint8_t {
    Done,
    NoBuffers,  ///< keep the frame until `Link::receive_ready`, or drop it
    Dropped,    ///< the guest cannot take this frame, now or later
};

class Net final : public Device {
   public:
    /// \p link outlives the device. \p mtu is what the guest is told, 0 for nothing.
    Net(Link& link, const MacAddress& mac, std::uint16_t mtu = 0);

    [[nodiscard]] Features offered() const override;
    void read_config(std::uint64_t offset, MutableBytes target) const override;
    /// Tells the guest whether the link is there.
    void set_link(bool up);

    /// A frame for the guest; what \p header leaves to do is done here where the guest cannot.
    Delivery deliver(const NetHeader& header, Bytes frame);
    [[nodiscard]] const NetMetrics& net_metrics() const { return net_metrics_; }

   private:
    static constexpr unsigned receive_queue = 0, transmit_queue = 1;
    /// Buffers of one frame: 64 KiB in buffers of 1 KiB.
    static constexpr std::size_t max_buffers = 68;

    Result<void, DriverError> process(unsigned index) override;
    void on_activate() override;
    void on_reset() override;
    Result<void, DriverError> transmit(const Chain& chain);
    Result<Delivery, DriverError> receive(NetHeader header, Bytes frame);

    struct Buffer {
        std::uint16_t head = 0;
        std::uint32_t written = 0;
    };

    Link& link_;
    MacAddress mac_;
    std::uint16_t mtu_;
    bool up_ = true;
    bool starved_ = false;  ///< the link waits for buffers
    std::array<Queue, 2> queues_;
    NetMetrics net_metrics_;
};

}  // namespace kos::virtio
