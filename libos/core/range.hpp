// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A part of the app's address space.
#pragma once

#include "lib/base/address.hpp"

#include <cstdint>

namespace kos::libos {

/// Page-aligned bytes [start, end()); never wraps.
struct Range {
    VirtualAddress start;
    std::uint64_t size = 0;

    [[nodiscard]] constexpr VirtualAddress end() const { return start + size; }
    [[nodiscard]] constexpr bool empty() const { return size == 0; }
    [[nodiscard]] constexpr bool contains(const Range& other) const {
        return start <= other.start && other.end() <= end();
    }
    [[nodiscard]] constexpr bool overlaps(const Range& other) const {
        return start < other.end() && other.start < end();
    }
    friend constexpr bool operator==(const Range&, const Range&) = default;
};

[[nodiscard]] constexpr Range range_between(VirtualAddress start, VirtualAddress end) {
    return {start, end - start};
}

/// The part that two overlapping ranges share.
[[nodiscard]] constexpr Range intersection(const Range& a, const Range& b) {
    return range_between(a.start > b.start ? a.start : b.start,
                         a.end() < b.end() ? a.end() : b.end());
}

}  // namespace kos::libos
