// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/network/switch_link.hpp"

namespace kos::qemu {

using netswitch::Taking;

std::unique_ptr<SwitchLink> SwitchLink::join(Network& network, const virtio::MacAddress& address) {
    std::unique_ptr<SwitchLink> link{
        new SwitchLink{network, std::make_unique<std::byte[]>(queue_size)}};
    if (!network.joint().join(*link, address)) return nullptr;
    return link;
}

void SwitchLink::send(const virtio::NetHeader& header, virtio::ReadableBuffers frame) {
    network_.receive(*this, header, frame);
}

Taking SwitchLink::take(Bytes packet) {
    const auto header = read_at<virtio::NetHeader>(packet, 0);
    if (device_ == nullptr || !header) return Taking::Refused;
    switch (device_->deliver(*header, packet.subspan(sizeof(*header)))) {
        case virtio::Delivery::Done:
            return Taking::Done;
        case virtio::Delivery::NoBuffers:
            // Without a driver there is nobody to wait for.
            return device_->active() ? Taking::Later : Taking::Refused;
        case virtio::Delivery::Dropped:
            break;
    }
    return Taking::Refused;
}

}  // namespace kos::qemu
