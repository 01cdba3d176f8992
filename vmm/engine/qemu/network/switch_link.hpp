// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's network device as a port of a network.
#pragma once

#include "vmm/engine/qemu/network/network.hpp"
#include "vmm/virtio/net/net.hpp"

#include <memory>
#include <vector>

namespace kos::qemu {

class SwitchLink final : public virtio::Link, private netswitch::Port {
   public:
    /// Null where the address is on the network already, or no port is left. \p network outlives
    /// the link.
    [[nodiscard]] static std::unique_ptr<SwitchLink> join(Network& network,
                                                          const virtio::MacAddress& address);
    ~SwitchLink() { network_.joint().leave(*this); }
    /// The device that frames go to; before anything happens.
    void attach(virtio::Net& device) { device_ = &device; }
    [[nodiscard]] const netswitch::PortMetrics& port_metrics() const { return metrics(); }

    [[nodiscard]] virtio::Features offloads() const override { return virtio::net_host_offloads; }
    void send(const virtio::NetHeader& header, virtio::ReadableBuffers frame) override;
    void receive_ready() override { network_.joint().ready(*this); }

   private:
    static constexpr std::size_t queue_size = 512 << 10;
    using Storage = std::unique_ptr<std::byte[]>;

    SwitchLink(Network& network, Storage queue)
        : Port(MutableBytes{queue.get(), queue_size}),
          network_(network),
          queue_(std::move(queue)) {}
    netswitch::Taking take(Bytes packet) override;

    Network& network_;
    Storage queue_;
    virtio::Net* device_ = nullptr;
};

}  // namespace kos::qemu
