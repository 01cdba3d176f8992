// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The switch of a network in this process. One thread's.
#pragma once

#include "netswitch/core/switch.hpp"
#include "vmm/virtio/net/link.hpp"

#include <array>

namespace kos::qemu {

class Network {
   public:
    Network() = default;
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    [[nodiscard]] netswitch::Switch& joint() { return switch_; }
    /// A packet that \p port sends.
    void receive(netswitch::Port& port, const virtio::NetHeader& header,
                 virtio::ReadableBuffers frame);

   private:
    netswitch::Switch switch_;
    /// The packet on its way: nobody changes it between check and delivery.
    std::array<std::byte, netswitch::packet_head + virtio::max_frame> packet_{};
};

}  // namespace kos::qemu
