// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/messages/channel.hpp"

#include <algorithm>
#include <cstring>

namespace kos::vmm {

using message::ring_size;

namespace {

std::uint32_t load(const std::uint32_t& field) { return __atomic_load_n(&field, __ATOMIC_SEQ_CST); }
void store(std::uint32_t& field, std::uint32_t value) {
    __atomic_store_n(&field, value, __ATOMIC_SEQ_CST);
}

}  // namespace

message::Channel& MessageChannel::shared() const {
    return reinterpret_cast<message::Board*>(servers_->area(server_))->channels[channel_];
}

std::byte* MessageChannel::ring(bool from_client) const {
    return servers_->area(server_) + message::ring_offset(channel_) + (from_client ? ring_size : 0);
}

std::uint32_t MessageChannel::flags() const { return load(shared().flags); }

std::uint32_t MessageChannel::pending() const {
    return std::min(load(shared().to_tail) - load(shared().to_head), ring_size);
}

std::uint32_t MessageChannel::room() const {
    return ring_size - std::min(load(shared().from_tail) - load(shared().from_head), ring_size);
}

std::uint32_t MessageChannel::taken_by_server() const { return load(shared().from_head); }

std::size_t MessageChannel::take(MutableBytes target) const {
    const std::size_t count = std::min<std::size_t>(target.size(), pending());
    if (count == 0) return 0;
    const std::uint32_t start = shared().to_head % ring_size;
    const std::size_t front = std::min<std::size_t>(count, ring_size - start);
    std::memcpy(target.data(), ring(false) + start, front);
    std::memcpy(target.data() + front, ring(false), count - front);
    store(shared().to_head, shared().to_head + static_cast<std::uint32_t>(count));
    if (load(shared().kick_after_read) != 0) kick();
    return count;
}

void MessageChannel::put(Bytes bytes) const {
    const std::uint32_t start = shared().from_tail % ring_size;
    const std::size_t front = std::min<std::size_t>(bytes.size(), ring_size - start);
    std::memcpy(ring(true) + start, bytes.data(), front);
    std::memcpy(ring(true), bytes.data() + front, bytes.size() - front);
    store(shared().from_tail, shared().from_tail + static_cast<std::uint32_t>(bytes.size()));
}

}  // namespace kos::vmm
