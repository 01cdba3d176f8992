// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/control_link.hpp"

#include "lib/guest/frame.hpp"

namespace kos::vmm {

void ControlLink::tend(std::uint64_t now) {
    if (!stream_) {
        if (control_.is_complete() || is_broken_ || now < next_try_) return;
        next_try_ = now + retry_interval_;
        // Nothing where the guest has no driver yet.
        stream_ =
            router_->connect(*this, {.guest = guest::control_port, .host = next_port_++}, window);
        return;
    }
    if (!is_open_ || is_closing_) return;
    if (!control_.to_send().empty()) router_->device().wake(*stream_);
    if (!control_.is_complete() && !is_broken_) return;
    // The guest switches itself off once its host has everything.
    is_closing_ = true;
    router_->device().close(*stream_);
}

std::optional<std::uint64_t> ControlLink::next_due() const {
    if (stream_ || control_.is_complete() || is_broken_) return std::nullopt;
    return next_try_;
}

void ControlLink::connect_requested(virtio::StreamId id, virtio::StreamPorts /*ports*/) {
    router_->device().refuse(id);
}

void ControlLink::connected(virtio::StreamId /*id*/) {
    is_open_ = true;
    control_.opened();
}

void ControlLink::received(virtio::StreamId id, virtio::ReadableBuffers bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    bytes.each(bytes.size(), [this](Bytes part) {
        if (!is_broken_ && !control_.received(part)) is_broken_ = true;
    });
    router_->device().consumed(id, size);
}

std::uint64_t ControlLink::send(virtio::StreamId /*id*/, virtio::WritableBuffers target) {
    const std::uint64_t count = target.write(control_.to_send());
    control_.sent(count);
    return count;
}

void ControlLink::guest_finished(virtio::StreamId id, bool /*sending*/, bool /*receiving*/) {
    is_closing_ = true;
    router_->device().close(id);
}

void ControlLink::closed(virtio::StreamId /*id*/) {
    stream_.reset();
    is_open_ = is_closing_ = false;
}

}  // namespace kos::vmm
