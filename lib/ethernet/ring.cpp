// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/ethernet/ring.hpp"

#include <algorithm>
#include <cstring>

namespace kos::ethernet {

namespace {

constexpr std::uint32_t place_of(std::uint32_t position) { return position % ring_size; }

}  // namespace

bool RingWriter::fits(std::uint32_t size, std::uint32_t head) const {
    const std::uint32_t used = tail_ - head;
    return used <= ring_size && place_for(size) <= ring_size - used;
}

void RingWriter::begin(std::uint32_t size) {
    const RecordHead head{size, 0};
    std::memcpy(ring_ + place_of(tail_), &head, sizeof head);
    at_ = tail_ + static_cast<std::uint32_t>(sizeof head);
    next_tail_ = tail_ + place_for(size);
}

void RingWriter::add(Bytes part) {
    const std::uint32_t place = place_of(at_);
    const std::size_t front = std::min<std::size_t>(part.size(), ring_size - place);
    std::memcpy(ring_ + place, part.data(), front);
    std::memcpy(ring_, part.data() + front, part.size() - front);
    at_ += static_cast<std::uint32_t>(part.size());
}

Next RingReader::next(std::uint32_t tail) {
    const std::uint32_t waiting = tail - head_;
    if (waiting == 0) return Next::None;
    if (waiting > ring_size || waiting % sizeof(RecordHead) != 0) return Next::Nonsense;
    // Read once: what is checked is what counts.
    const auto* const size = reinterpret_cast<const std::uint32_t*>(ring_ + place_of(head_));
    size_ = load(*size);
    const bool is_sound = size_ <= largest_packet && place_for(size_) <= waiting;
    return is_sound ? Next::Packet : Next::Nonsense;
}

Bytes RingReader::packet(MutableBytes buffer) const {
    const std::uint32_t place = place_of(head_ + static_cast<std::uint32_t>(sizeof(RecordHead)));
    if (size_ <= ring_size - place) return {ring_ + place, size_};
    return copy(buffer);
}

Bytes RingReader::copy(MutableBytes buffer) const {
    const std::uint32_t place = place_of(head_ + static_cast<std::uint32_t>(sizeof(RecordHead)));
    const std::uint32_t front = std::min(size_, ring_size - place);
    std::memcpy(buffer.data(), ring_ + place, front);
    std::memcpy(buffer.data() + front, ring_, size_ - front);
    return buffer.first(size_);
}

}  // namespace kos::ethernet
