// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/vsock/router.hpp"

#include "lib/base/panic.hpp"

namespace kos::virtio {

void SocketRouter::listen(std::uint32_t port, SocketHost& owner) {
    if (!listeners_.push_back({port, &owner})) panic("SocketRouter: too many listeners");
}

std::optional<StreamId> SocketRouter::connect(SocketHost& owner, StreamPorts ports,
                                              std::uint32_t window) {
    const auto id = device_->connect(ports, window);
    if (id && !set_owner(*id, &owner)) {
        device_->abort(*id);
        return std::nullopt;
    }
    return id;
}

void SocketRouter::forget(StreamId id) { (void)set_owner(id, nullptr); }

void SocketRouter::connect_requested(StreamId id, StreamPorts ports) {
    for (const Listener& listener : listeners_) {
        if (listener.port != ports.host || !set_owner(id, listener.owner)) continue;
        return listener.owner->connect_requested(id, ports);
    }
    if (elsewhere_ != nullptr && set_owner(id, elsewhere_)) {
        return elsewhere_->connect_requested(id, ports);
    }
    device_->refuse(id);
}

void SocketRouter::connected(StreamId id) {
    if (SocketHost* owner = owner_of(id)) owner->connected(id);
}

void SocketRouter::received(StreamId id, ReadableBuffers bytes) {
    if (SocketHost* owner = owner_of(id)) owner->received(id, bytes);
}

std::uint64_t SocketRouter::send(StreamId id, WritableBuffers target) {
    SocketHost* owner = owner_of(id);
    return owner != nullptr ? owner->send(id, target) : 0;
}

void SocketRouter::guest_finished(StreamId id, bool sending, bool receiving) {
    SocketHost* owner = owner_of(id);
    // One that was forgotten was closed: the guest agrees.
    if (owner == nullptr) return device_->close(id);
    owner->guest_finished(id, sending, receiving);
}

void SocketRouter::closed(StreamId id) {
    SocketHost* owner = owner_of(id);
    forget(id);
    if (owner != nullptr) owner->closed(id);
}

SocketHost* SocketRouter::owner_of(StreamId id) const {
    const auto index = static_cast<std::size_t>(id);
    return index < owners_.size() ? owners_[index] : nullptr;
}

bool SocketRouter::set_owner(StreamId id, SocketHost* owner) {
    const auto index = static_cast<std::size_t>(id);
    if (index >= owners_.size()) return false;
    owners_[index] = owner;
    return true;
}

}  // namespace kos::virtio
