// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/log_ring.hpp"

namespace kos::init {

const LogRecord* LogRing::at(std::uint64_t sequence) const {
    if (sequence < first_ || sequence >= next()) return nullptr;
    return &records_[static_cast<std::size_t>(sequence - first_)];
}

void LogRing::append(LogRecord record, std::uint64_t floor) {
    used_ += cost(record);
    records_.push_back(std::move(record));
    shrink(floor);
}

void LogRing::set_capacity(std::size_t capacity) {
    capacity_ = capacity;
    shrink(~std::uint64_t{0});
}

bool LogRing::would_forget(std::uint64_t sequence, std::size_t size) const {
    if (sequence >= next()) return false;
    std::size_t needed = used_ + size + sizeof(LogRecord);
    // What comes before `sequence` may go.
    for (std::uint64_t i = first_; i < sequence && needed > capacity_; ++i) needed -= cost(*at(i));
    return needed > capacity_;
}

void LogRing::shrink(std::uint64_t floor) {
    // The last stays, however long it is.
    while (used_ > capacity_ && records_.size() > 1 && first_ < floor) {
        used_ -= cost(records_.front());
        records_.pop_front();
        ++first_;
    }
}

}  // namespace kos::init
