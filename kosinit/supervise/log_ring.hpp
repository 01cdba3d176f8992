// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the guest and its containers wrote, numbered, in bounded memory: the oldest goes first.
#pragma once

#include "lib/guest/messages.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace kos::init {

struct LogRecord {
    std::uint64_t time_ns = 0;
    guest::Stream stream = guest::Stream::Guest;
    std::string container;
    std::string bytes;
};

class LogRing {
   public:
    explicit LogRing(std::size_t capacity) : capacity_(capacity) {}

    /// Sequence numbers: [first, next) are there.
    [[nodiscard]] std::uint64_t first() const { return first_; }
    [[nodiscard]] std::uint64_t next() const { return first_ + records_.size(); }
    /// Null where it is not there, any more or yet.
    [[nodiscard]] const LogRecord* at(std::uint64_t sequence) const;

    /// Records from \p floor on are kept whatever the capacity.
    void append(LogRecord record, std::uint64_t floor = ~std::uint64_t{0});
    /// Drops what no longer fits.
    void set_capacity(std::size_t capacity);

    /// Whether another \p size bytes would make the ring forget \p sequence, or records after it.
    [[nodiscard]] bool would_forget(std::uint64_t sequence, std::size_t size) const;

   private:
    /// Bytes that count against the capacity, bookkeeping included.
    [[nodiscard]] static std::size_t cost(const LogRecord& record) {
        return sizeof record + record.bytes.size();
    }
    void shrink(std::uint64_t floor);

    std::size_t capacity_;
    std::size_t used_ = 0;
    std::uint64_t first_ = 0;
    std::deque<LogRecord> records_;
};

}  // namespace kos::init
