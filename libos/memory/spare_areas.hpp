// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Ranges that the app has unmapped and that are kept for its next mapping of that size: a short
// list, bounded in bytes, since kept pages are missing from the app's heap.
#pragma once

#include "libos/core/range.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace kos::libos {

class SpareAreas {
   public:
    static constexpr std::uint64_t largest = 1u << 20;
    static constexpr std::uint64_t most_bytes = 2u << 20;

    /// `heap`: bytes of the app's heap, of which an eighth may be spare.
    explicit SpareAreas(std::uint64_t heap)
        : limit_(heap / 8 < most_bytes ? heap / 8 : most_bytes) {}

    /// Keeps `range` where the bounds allow it.
    [[nodiscard]] bool keep(const Range& range) {
        if (range.size > largest || bytes_ + range.size > limit_ || count_ == ranges_.size()) {
            return false;
        }
        ranges_[count_++] = range;
        bytes_ += range.size;
        return true;
    }

    /// Gives up a range of exactly `size` bytes.
    [[nodiscard]] std::optional<Range> take(std::uint64_t size) {
        for (std::size_t i = 0; i < count_; ++i) {
            if (ranges_[i].size == size) return remove(i);
        }
        return std::nullopt;
    }

    /// Gives up a range that overlaps `range`.
    [[nodiscard]] std::optional<Range> take_overlapping(const Range& range) {
        for (std::size_t i = 0; i < count_; ++i) {
            if (ranges_[i].overlaps(range)) return remove(i);
        }
        return std::nullopt;
    }

   private:
    Range remove(std::size_t index) {
        const Range range = ranges_[index];
        ranges_[index] = ranges_[--count_];
        bytes_ -= range.size;
        return range;
    }

    std::array<Range, 16> ranges_{};
    std::size_t count_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t limit_;
};

}  // namespace kos::libos
