// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/lane.hpp"

#include <algorithm>
#include <cstring>

namespace kos::message {

namespace {

template <class Word>
Word load(const Word& word) {
    return __atomic_load_n(&word, __ATOMIC_SEQ_CST);
}
template <class Word>
void store(Word& word, Word value) {
    __atomic_store_n(&word, value, __ATOMIC_SEQ_CST);
}

/// What lies between two positions; one that makes no sense gives bytes of the ring all the same.
std::uint64_t between(std::uint64_t head, std::uint64_t tail) {
    return std::min(tail - head, lane_ring_size);
}

}  // namespace

std::uint64_t Lane::pending() const { return between(load(own().head), load(other().tail)); }

std::uint64_t Lane::room() const {
    return lane_ring_size - between(load(other().head), load(own().tail));
}

std::uint64_t Lane::take(MutableBytes bytes, bool keeps) const {
    const std::uint64_t head = load(own().head);
    const std::uint64_t count =
        std::min<std::uint64_t>(bytes.size(), between(head, load(other().tail)));
    const std::uint64_t start = head % lane_ring_size;
    const std::uint64_t front = std::min(count, lane_ring_size - start);
    const std::byte* const from = ring(1 - end_);
    std::memcpy(bytes.data(), from + start, front);
    std::memcpy(bytes.data() + front, from, count - front);
    if (!keeps) store(own().head, head + count);
    return count;
}

std::uint64_t Lane::put(Bytes bytes) const {
    const std::uint64_t tail = load(own().tail);
    const std::uint64_t count =
        std::min<std::uint64_t>(bytes.size(), lane_ring_size - between(load(other().head), tail));
    const std::uint64_t start = tail % lane_ring_size;
    const std::uint64_t front = std::min(count, lane_ring_size - start);
    std::byte* const to = ring(end_);
    std::memcpy(to + start, bytes.data(), front);
    std::memcpy(to, bytes.data() + front, count - front);
    store(own().tail, tail + count);
    return count;
}

void Lane::want_room() const { store(own().wants_room, std::uint32_t{1}); }

bool Lane::is_room_wanted() const {
    return load(other().wants_room) != 0 &&
           __atomic_exchange_n(&other().wants_room, 0, __ATOMIC_SEQ_CST) != 0;
}

std::uint32_t Lane::changes() const { return load(own().changes); }

void Lane::arm(std::uint64_t thread) const {
    __atomic_or_fetch(&own().waiters, std::uint64_t{1} << thread, __ATOMIC_SEQ_CST);
}

std::uint64_t Lane::tell() const {
    // Only this end counts them. The other sets its bit before it looks at them again: one of the
    // two sees the other's.
    store(other().changes, load(other().changes) + 1);
    return load(other().waiters) == 0 ? 0 : take_waiters();
}

std::uint64_t Lane::take_waiters() const {
    return __atomic_exchange_n(&other().waiters, 0, __ATOMIC_SEQ_CST);
}

void Lane::give_back_waiters(std::uint64_t threads) const {
    __atomic_or_fetch(&other().waiters, threads, __ATOMIC_SEQ_CST);
}

}  // namespace kos::message
