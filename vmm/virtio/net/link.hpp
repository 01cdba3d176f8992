// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is at the other end of a network interface: a switch, a tap, a peer.
#pragma once

#include "vmm/virtio/net/layout.hpp"
#include "vmm/virtio/queue/buffers.hpp"

namespace kos::virtio {

class Link {
   public:
    /// Of `net_host_offloads`, what may be left to do in frames that are sent here.
    [[nodiscard]] virtual Features offloads() const = 0;
    /// What the guest takes, of `net_guest_offloads`: frames to it may be left so.
    virtual void guest_accepts(Features /*offloads*/) {}
    /// A frame of the guest, checked against its header. Gone when this returns: copy or send it.
    virtual void send(const NetHeader& header, ReadableBuffers frame) = 0;
    /// After `NoBuffers`: the guest has given new buffers, or its driver is gone.
    virtual void receive_ready() {}

   protected:
    ~Link() = default;
};

}  // namespace kos::virtio
