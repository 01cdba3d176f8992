// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/host_streams.hpp"

#include "lib/guest/frame.hpp"

#include <algorithm>

namespace kos::vmm {

void HostStreams::receive(Bytes payload, bool guest_listens) {
    guest_listens_ = guest_listens;
    StreamTable::receive(payload);
}

bool HostStreams::opened(Number number, std::uint16_t /*port*/) {
    Link& link = links_[number];
    link = {};
    if (!guest_listens_) return false;
    link.id = router_->connect(*this, {.guest = guest::control_port, .host = next_port_},
                               msg::guest_window);
    next_port_ = (next_port_ + 1) | first_port;
    return link.id.has_value();
}

bool HostStreams::data(Number number, Bytes bytes) {
    Link& link = links_[number];
    auto at = stream(number).received - static_cast<std::uint32_t>(bytes.size());
    for (const std::byte byte : bytes) link.kept[at++ % link.kept.size()] = byte;
    router_->device().wake(*link.id);
    return true;
}

void HostStreams::credit(Number number, std::uint32_t bytes) {
    router_->device().consumed(*links_[number].id, bytes);
}

void HostStreams::finish(Number number) { router_->device().finish(*links_[number].id); }

void HostStreams::release(Number number) { router_->device().close(forget(number)); }

void HostStreams::replace(Number number) { router_->device().abort(forget(number)); }

virtio::StreamId HostStreams::forget(Number number) {
    const virtio::StreamId id = *links_[number].id;
    links_[number].id.reset();
    router_->forget(id);
    return id;
}

void HostStreams::connect_requested(virtio::StreamId id, virtio::StreamPorts /*ports*/) {
    router_->device().refuse(id);  // nobody listens here
}

void HostStreams::connected(virtio::StreamId id) {
    if (const auto number = find(id)) tell_open(*number);
}

void HostStreams::received(virtio::StreamId id, virtio::ReadableBuffers bytes) {
    const auto number = find(id);
    if (!number) return;
    bytes.each(bytes.size(), [&](Bytes part) { tell_data(*number, part); });
}

std::uint64_t HostStreams::send(virtio::StreamId id, virtio::WritableBuffers target) {
    const auto number = find(id);
    if (!number) return 0;
    Link& link = links_[*number];
    const std::size_t first = link.passed % link.kept.size();
    const std::size_t waits = stream(*number).received - link.passed;
    const Bytes bytes = Bytes{link.kept}.subspan(first, std::min(waits, link.kept.size() - first));
    const std::uint64_t count = target.write(bytes);
    link.passed += static_cast<std::uint32_t>(count);
    tell_taken(*number, link.passed);
    return count;
}

void HostStreams::guest_finished(virtio::StreamId id, bool sending, bool receiving) {
    const auto number = find(id);
    if (!number) return;
    Link& link = links_[*number];
    link.guest_has_finished |= sending;
    link.guest_is_deaf |= receiving;
    if (sending) tell_finish(*number);
    if (link.guest_has_finished && link.guest_is_deaf) router_->device().close(id);
}

void HostStreams::closed(virtio::StreamId id) {
    const auto number = find(id);
    if (!number) return;
    links_[*number].id.reset();
    over(*number);
}

std::optional<HostStreams::Number> HostStreams::find(virtio::StreamId id) const {
    for (Number number = 0; number < links_.size(); ++number) {
        if (links_[number].id == id) return number;
    }
    return std::nullopt;
}

}  // namespace kos::vmm
