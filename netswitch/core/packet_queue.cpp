// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/core/packet_queue.hpp"

#include <cstring>

namespace kos::netswitch {

PacketQueue::Record PacketQueue::record_at(std::size_t place) const {
    return read_at<Record>(storage_, place).value_or(Record{wrap, 0});
}

void PacketQueue::write(std::size_t place, Record record) {
    std::memcpy(storage_.data() + place, &record, sizeof(record));
}

std::size_t PacketQueue::head() const {
    // At the very end no record fits that could say so.
    return head_ == storage_.size() || record_at(head_).size == wrap ? 0 : head_;
}

bool PacketQueue::push(unsigned sender, Bytes packet) {
    const std::size_t needed = place_for(packet.size());
    if (empty()) head_ = tail_ = 0;
    // Behind the newest; or, where that is not before the oldest, at the start.
    const bool is_wrapped = !empty() && tail_ <= head_;
    const std::size_t to_end = (is_wrapped ? head_ : storage_.size()) - tail_;
    const bool wraps = needed > to_end;
    if (wraps && (is_wrapped || needed > head_)) return false;
    const std::size_t skipped = wraps ? to_end : 0;
    const std::size_t free = storage_.size() - used_ - skipped;
    if (needed > free || used_by_[sender] + needed > free) return false;
    if (wraps) {
        if (skipped != 0) write(tail_, {wrap, 0});
        tail_ = 0;
        used_ += skipped;
    }
    write(tail_, {static_cast<std::uint32_t>(packet.size()), sender});
    std::memcpy(storage_.data() + tail_ + sizeof(Record), packet.data(), packet.size());
    tail_ += needed;
    used_ += needed;
    used_by_[sender] += needed;
    return true;
}

Bytes PacketQueue::front() const {
    const std::size_t place = head();
    return Bytes{storage_}.subspan(place + sizeof(Record), record_at(place).size);
}

void PacketQueue::pop() {
    const std::size_t place = head();
    if (place != head_) used_ -= storage_.size() - head_;
    const Record record = record_at(place);
    const std::size_t size = place_for(record.size);
    head_ = place + size;
    used_ -= size;
    used_by_[record.sender] -= size;
}

void PacketQueue::clear() {
    head_ = tail_ = used_ = 0;
    used_by_ = {};
}

}  // namespace kos::netswitch
