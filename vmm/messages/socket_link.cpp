// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/messages/socket_link.hpp"

namespace kos::vmm {

namespace {

StreamNumber number_of(virtio::StreamId id) { return static_cast<StreamNumber>(id); }
virtio::StreamId id_of(StreamNumber number) { return static_cast<virtio::StreamId>(number); }

}  // namespace

void MessageSocketLink::connect_requested(virtio::StreamId id, virtio::StreamPorts ports) {
    bridge_->requested(number_of(id), ports.host);
}

/// It asks for none.
void MessageSocketLink::connected(virtio::StreamId /*id*/) {}

void MessageSocketLink::received(virtio::StreamId id, virtio::ReadableBuffers bytes) {
    bytes.each(bytes.size(), [&](Bytes part) { bridge_->received(number_of(id), part); });
}

std::uint64_t MessageSocketLink::send(virtio::StreamId id, virtio::WritableBuffers target) {
    std::uint64_t total = 0;
    while (!target.empty()) {
        const std::size_t count = bridge_->send(number_of(id), target.front());
        if (count == 0) break;
        target.skip(count);
        total += count;
    }
    return total;
}

void MessageSocketLink::guest_finished(virtio::StreamId id, bool sending, bool receiving) {
    bridge_->finished(number_of(id), sending, receiving);
}

void MessageSocketLink::closed(virtio::StreamId id) { bridge_->closed(number_of(id)); }

void MessageSocketLink::accept(StreamNumber stream, std::uint32_t window) {
    router_.device().accept(id_of(stream), window);
}

void MessageSocketLink::abort(StreamNumber stream) {
    router_.forget(id_of(stream));
    router_.device().abort(id_of(stream));
}

void MessageSocketLink::wake(StreamNumber stream) { router_.device().wake(id_of(stream)); }

void MessageSocketLink::consumed(StreamNumber stream, std::uint32_t bytes) {
    router_.device().consumed(id_of(stream), bytes);
}

void MessageSocketLink::finish(StreamNumber stream) { router_.device().finish(id_of(stream)); }

void MessageSocketLink::close(StreamNumber stream) { router_.device().close(id_of(stream)); }

}  // namespace kos::vmm
