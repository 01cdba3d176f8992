// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's network device as a port of a switch that is a program of its own (netswitch/program).
//
//   Net::transmit ─► send: a ring's room, else Kick ─► tend: Kick ─► switch
//   switch ─► ring, signal ─► tend: Net::deliver, as far as the guest has buffers
#pragma once

#include "lib/ethernet/ring.hpp"
#include "vmm/network/switch_calls.hpp"
#include "vmm/virtio/net/net.hpp"

#include <cstdint>

namespace kos::vmm {

class PortLink final : public virtio::Link {
   public:
    /// Both outlive the link. \p buffer: of ethernet::largest_packet bytes; links may share it.
    PortLink(SwitchCalls& net, MutableBytes buffer);
    PortLink(const PortLink&) = delete;
    PortLink& operator=(const PortLink&) = delete;

    /// The device that frames go to; before anything happens.
    void attach(virtio::Net& device) { device_ = &device; }
    /// Takes the port, empty. False where the switch refuses it: the link then leads nowhere.
    [[nodiscard]] bool open();

    [[nodiscard]] virtio::Features offloads() const override { return virtio::net_host_offloads; }
    void send(const virtio::NetHeader& header, virtio::ReadableBuffers frame) override;
    void receive_ready() override;

    /// Has the switch take what the guest sent, and gives the guest what has come. False where more
    /// has come than was given in one go: call again soon. Else the switch signals when more comes.
    [[nodiscard]] bool tend();

    /// Packets for which the switch made no room: there are none while it keeps to its rules.
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

   private:
    [[nodiscard]] ethernet::Board& board() const {
        return *reinterpret_cast<ethernet::Board*>(net_.area());
    }
    void kick();
    bool hand_over();
    virtio::Delivery deliver();
    /// Whether nothing has come, even since the switch knows that it is to signal.
    [[nodiscard]] bool may_sleep();

    SwitchCalls& net_;
    MutableBytes buffer_;
    virtio::Net* device_ = nullptr;
    ethernet::RingWriter writer_;
    ethernet::RingReader reader_;
    std::uint64_t lost_ = 0;
    bool is_open_ = false;
    bool has_sent_ = false;    ///< since the switch was told last
    bool is_starved_ = false;  ///< until the guest gives buffers
};

}  // namespace kos::vmm
