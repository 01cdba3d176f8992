// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/engine.hpp"

#include <algorithm>
#include <cstring>

namespace kos::msgserver {

namespace {

using message::ring_size;

// An app may change its memory at any time: each value is read once.
std::uint32_t load(const std::uint32_t& field) { return __atomic_load_n(&field, __ATOMIC_SEQ_CST); }
void store(std::uint32_t& field, std::uint32_t value) {
    __atomic_store_n(&field, value, __ATOMIC_SEQ_CST);
}

}  // namespace

std::byte* Engine::ring(ChannelId id, bool from_app) {
    return areas_.data() + std::uint64_t{id.member} * message::area_size +
           message::ring_offset(id.index) + (from_app ? ring_size : 0);
}

std::optional<std::uint32_t> Engine::pending(ChannelId id) {
    const std::uint32_t bytes = load(shared(id).from_tail) - at(id).from_head;
    if (bytes > ring_size) return std::nullopt;
    return bytes;
}

std::optional<std::uint32_t> Engine::room(ChannelId id) {
    const std::uint32_t used = at(id).to_tail - load(shared(id).to_head);
    if (used > ring_size) return std::nullopt;
    return ring_size - used;
}

void Engine::peek(ChannelId id, std::uint32_t offset, MutableBytes to) {
    const std::uint32_t start = (at(id).from_head + offset) % ring_size;
    const std::size_t front = std::min<std::size_t>(to.size(), ring_size - start);
    const std::byte* const bytes = ring(id, true);
    std::memcpy(to.data(), bytes + start, front);
    std::memcpy(to.data() + front, bytes, to.size() - front);
}

void Engine::drop(ChannelId id, std::uint32_t count) {
    at(id).from_head += count;
    store(shared(id).from_head, at(id).from_head);
    changed(id);
}

void Engine::put(ChannelId id, std::uint32_t offset, Bytes bytes) {
    const std::uint32_t start = (at(id).to_tail + offset) % ring_size;
    const std::size_t front = std::min<std::size_t>(bytes.size(), ring_size - start);
    std::byte* const to = ring(id, false);
    std::memcpy(to + start, bytes.data(), front);
    std::memcpy(to, bytes.data() + front, bytes.size() - front);
}

void Engine::give(ChannelId id, std::uint32_t count) {
    at(id).to_tail += count;
    store(shared(id).to_tail, at(id).to_tail);
    changed(id);
}

/// From the ring of one app to that of another, in at most three pieces.
void Engine::move(ChannelId from, ChannelId to, std::uint32_t count) {
    for (std::uint32_t moved = 0; moved < count;) {
        const std::uint32_t start = (at(from).from_head + moved) % ring_size;
        const std::uint32_t piece = std::min(count - moved, ring_size - start);
        put(to, moved, {ring(from, true) + start, piece});
        moved += piece;
    }
    // First the reader's: who finds its own bytes passed on goes on in a lane, behind these.
    give(to, count);
    drop(from, count);
}

void Engine::changed(ChannelId id) {
    // Only this server counts, so that a load and a store do. The app sets its bit in `waiters`
    // before it looks at `changes` again: one of the two sees the other's.
    message::Board& shared_board = board(id.member);
    std::uint32_t& of_channel = shared_board.channels[id.index].changes;
    store(of_channel, load(of_channel) + 1);
    store(shared_board.changes, load(shared_board.changes) + 1);
    if (__atomic_load_n(&shared_board.waiters, __ATOMIC_SEQ_CST) == 0) return;
    wake_all(id.member, __atomic_exchange_n(&shared_board.waiters, 0, __ATOMIC_SEQ_CST));
}

void Engine::set_flags(ChannelId id, std::uint32_t flags) {
    store(shared(id).flags, load(shared(id).flags) | flags);
    changed(id);
}

void Engine::clear_flags(ChannelId id, std::uint32_t flags) {
    store(shared(id).flags, load(shared(id).flags) & ~flags);
    changed(id);
}

}  // namespace kos::msgserver
