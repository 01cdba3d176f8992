// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/network/network.hpp"

#include <chrono>

namespace kos::qemu {

namespace {

std::uint64_t milliseconds_now() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

}  // namespace

void Network::receive(netswitch::Port& port, const virtio::NetHeader& header,
                      virtio::ReadableBuffers frame) {
    static_assert(sizeof(header) == netswitch::packet_head);
    const MutableBytes packet{packet_};
    std::memcpy(packet.data(), &header, sizeof(header));
    const auto size = static_cast<std::size_t>(frame.read(packet.subspan(sizeof(header))));
    switch_.receive(port, packet.first(sizeof(header) + size), milliseconds_now());
}

}  // namespace kos::qemu
