// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/lane.hpp"

#include <algorithm>
#include <bit>
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

/// Into what this end writes; no more bytes than the ring has.
void Lane::copy_in(std::uint64_t position, Bytes bytes) const {
    const std::uint64_t start = position % lane_ring_size;
    const std::uint64_t front = std::min<std::uint64_t>(bytes.size(), lane_ring_size - start);
    std::byte* const to = ring(end_);
    std::memcpy(to + start, bytes.data(), front);
    if (front < bytes.size()) std::memcpy(to, bytes.data() + front, bytes.size() - front);
}

/// From what the other end writes; likewise.
void Lane::copy_out(std::uint64_t position, MutableBytes bytes) const {
    const std::uint64_t start = position % lane_ring_size;
    const std::uint64_t front = std::min<std::uint64_t>(bytes.size(), lane_ring_size - start);
    const std::byte* const from = ring(1 - end_);
    std::memcpy(bytes.data(), from + start, front);
    if (front < bytes.size()) std::memcpy(bytes.data() + front, from, bytes.size() - front);
}

std::uint64_t Lane::take(MutableBytes bytes, bool keeps) const {
    const std::uint64_t head = load(own().head);
    const std::uint64_t count =
        std::min<std::uint64_t>(bytes.size(), between(head, load(other().tail)));
    copy_out(head, bytes.first(count));
    if (!keeps) store(own().head, head + count);
    return count;
}

std::uint64_t Lane::put(Bytes bytes) const {
    const std::uint64_t tail = load(own().tail);
    const std::uint64_t count =
        std::min<std::uint64_t>(bytes.size(), lane_ring_size - between(load(other().head), tail));
    copy_in(tail, bytes.first(count));
    store(own().tail, tail + count);
    return count;
}

/// Read once, in one piece unless the other end had put something where no record can lie.
RecordHead Lane::record_head_at(std::uint64_t position) const {
    const std::uint64_t start = position % lane_ring_size;
    std::uint64_t head = 0;
    if (start % sizeof head == 0) {
        const auto& word = object_at<std::uint64_t>(ring(1 - end_) + start);
        head = __atomic_load_n(&word, __ATOMIC_RELAXED);
    } else {
        copy_out(position, std::as_writable_bytes(std::span{&head, 1}));
    }
    return std::bit_cast<RecordHead>(head);
}

std::optional<Record> Lane::next_record() const {
    const std::uint64_t head = load(own().head), tail = load(other().tail);
    if (head == tail) return std::nullopt;
    if (tail - head >= sizeof(RecordHead) && tail - head <= lane_ring_size) {
        const RecordHead said = record_head_at(head);
        const Record record{static_cast<RecordKind>(said.kind), said.size, head};
        const bool is_sound =
            record.kind == RecordKind::Message
                ? record.size <= longest_message
                : record.kind == RecordKind::Ticket && record.size == sizeof(Token);
        if (is_sound && record_size(record.size) <= tail - head) return record;
    }
    store(own().head, tail);
    return std::nullopt;
}

void Lane::copy_record(const Record& record, MutableBytes bytes) const {
    copy_out(record.position + sizeof(RecordHead),
             bytes.first(std::min<std::size_t>(bytes.size(), record.size)));
}

void Lane::drop_record(const Record& record) const {
    store(own().head, record.position + record_size(record.size));
}

bool Lane::put_record(RecordKind kind, Bytes bytes) const {
    const std::uint64_t tail = load(own().tail), size = record_size(bytes.size());
    if (lane_ring_size - between(load(other().head), tail) < size) return false;
    const RecordHead head{static_cast<std::uint32_t>(bytes.size()),
                          static_cast<std::uint32_t>(kind)};
    const std::uint64_t start = tail % lane_ring_size;
    if (std::byte* const to = ring(end_) + start; lane_ring_size - start >= size) {
        std::memcpy(to, &head, sizeof head);
        std::memcpy(to + sizeof head, bytes.data(), bytes.size());
    } else {
        copy_in(tail, bytes_of(head));
        copy_in(tail + sizeof head, bytes);
    }
    store(own().tail, tail + size);
    return true;
}

void Lane::want_room() const { store(own().wants_room, std::uint32_t{1}); }

bool Lane::is_room_wanted() const {
    return load(other().wants_room) != 0 &&
           __atomic_exchange_n(&other().wants_room, 0, __ATOMIC_SEQ_CST) != 0;
}

std::uint32_t Lane::changes() const { return load(own().changes); }

void Lane::arm(std::uint64_t thread) const {
    const std::uint64_t bit = std::uint64_t{1} << thread;
    if ((load(own().waiters) & bit) == 0) __atomic_or_fetch(&own().waiters, bit, __ATOMIC_SEQ_CST);
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
