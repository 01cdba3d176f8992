// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/vsock/table.hpp"

#include "lib/base/panic.hpp"

#include <algorithm>

namespace kos::virtio {

ConnectionTable::ConnectionTable(std::span<Connection> storage)
    : storage_(storage.first(std::min<std::size_t>(storage.size(), none))) {
    buckets_.fill(none);
    for (std::size_t i = storage_.size(); i-- > 0;) {
        storage_[i] = {};
        storage_[i].next_in_bucket = free_;
        free_ = static_cast<std::uint16_t>(i);
    }
}

std::optional<StreamId> ConnectionTable::find(StreamPorts ports) const {
    for (std::uint16_t i = buckets_[bucket_of(ports)]; i != none; i = storage_[i].next_in_bucket) {
        if (storage_[i].ports == ports) return StreamId{i};
    }
    return std::nullopt;
}

std::optional<StreamId> ConnectionTable::add(StreamPorts ports) {
    if (free_ == none) return std::nullopt;
    const std::uint16_t index = free_;
    Connection& connection = storage_[index];
    free_ = connection.next_in_bucket;
    std::uint16_t& bucket = buckets_[bucket_of(ports)];
    connection = {};
    connection.ports = ports;
    connection.state = Connection::State::Requested;
    connection.next_in_bucket = bucket;
    bucket = index;
    ++size_;
    return StreamId{index};
}

void ConnectionTable::remove(StreamId id) {
    if (!contains(id)) panic("ConnectionTable: no such stream");
    const std::uint16_t index = index_of(id);
    if (storage_[index].is_ready) unlink_ready(index);
    std::uint16_t* link = &buckets_[bucket_of(storage_[index].ports)];
    while (*link != index) link = &storage_[*link].next_in_bucket;
    *link = storage_[index].next_in_bucket;
    storage_[index] = {};
    storage_[index].next_in_bucket = free_;
    free_ = index;
    --size_;
}

void ConnectionTable::make_ready(StreamId id) {
    const std::uint16_t index = index_of(id);
    Connection& connection = storage_[index];
    if (connection.is_ready) return;
    connection.is_ready = true;
    connection.next_ready = none;
    (last_ready_ == none ? first_ready_ : storage_[last_ready_].next_ready) = index;
    last_ready_ = index;
}

std::optional<StreamId> ConnectionTable::take_ready() {
    if (first_ready_ == none) return std::nullopt;
    const std::uint16_t index = first_ready_;
    first_ready_ = storage_[index].next_ready;
    if (first_ready_ == none) last_ready_ = none;
    storage_[index].is_ready = false;
    return StreamId{index};
}

void ConnectionTable::put_back(StreamId id) {
    const std::uint16_t index = index_of(id);
    Connection& connection = storage_[index];
    if (connection.is_ready) return;
    connection.is_ready = true;
    connection.next_ready = first_ready_;
    first_ready_ = index;
    if (last_ready_ == none) last_ready_ = index;
}

void ConnectionTable::unlink_ready(std::uint16_t index) {
    std::uint16_t before = none;
    for (std::uint16_t i = first_ready_; i != index; i = storage_[i].next_ready) before = i;
    const std::uint16_t after = storage_[index].next_ready;
    (before == none ? first_ready_ : storage_[before].next_ready) = after;
    if (last_ready_ == index) last_ready_ = before;
    storage_[index].is_ready = false;
}

std::size_t ConnectionTable::bucket_of(StreamPorts ports) {
    // Fibonacci hashing: ports that count up spread over all buckets.
    const std::uint32_t mixed = (ports.guest * 31 + ports.host) * 0x9e3779b1u;
    return mixed >> 24;
}

}  // namespace kos::virtio
