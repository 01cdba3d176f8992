// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/guest/control_stream.hpp"

#include <algorithm>
#include <utility>

namespace kos::qemu {

void ControlStream::open(std::uint32_t port) {
    if (stream_) return;
    stream_ = device_->connect({.guest = port, .host = next_port_++}, window);
    if (!stream_) events_.refused();
}

void ControlStream::close() {
    if (stream_ && is_open_) device_->close(*stream_);
}

void ControlStream::send(Bytes bytes) {
    if (!stream_ || !is_open_) return;
    out_ += as_text(bytes);
    device_->wake(*stream_);
}

void ControlStream::consumed(std::uint32_t count) {
    if (stream_ && is_open_) device_->consumed(*stream_, count);
}

void ControlStream::connect_requested(virtio::StreamId id, virtio::StreamPorts /*ports*/) {
    device_->refuse(id);
}

void ControlStream::connected(virtio::StreamId /*id*/) {
    is_open_ = true;
    out_.clear();
    events_.opened();
}

void ControlStream::received(virtio::StreamId /*id*/, virtio::ReadableBuffers bytes) {
    bytes.each(bytes.size(), [this](Bytes part) { events_.received(part); });
}

std::uint64_t ControlStream::send(virtio::StreamId /*id*/, virtio::WritableBuffers target) {
    const std::uint64_t count = target.write(as_bytes(out_));
    out_.erase(0, static_cast<std::size_t>(count));
    return count;
}

void ControlStream::guest_finished(virtio::StreamId id, bool /*sending*/, bool /*receiving*/) {
    device_->close(id);
}

void ControlStream::closed(virtio::StreamId id) {
    if (stream_ != id) return;
    stream_.reset();
    if (std::exchange(is_open_, false)) {
        events_.closed();
    } else {
        events_.refused();
    }
}

}  // namespace kos::qemu
