// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The parts of an app's address space that are paged in when touched: sorted, disjoint, at most
// `capacity` of them. Neighbours of equal protection are one region.
#pragma once

#include "lib/base/address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace kos::rootserver {

/// [start, end), page-aligned.
struct Range {
    VirtualAddress start;
    VirtualAddress end;

    [[nodiscard]] constexpr bool empty() const { return start >= end; }
    [[nodiscard]] constexpr std::uint64_t size() const { return empty() ? 0 : end - start; }
    [[nodiscard]] constexpr bool contains(VirtualAddress address) const {
        return start <= address && address < end;
    }
    [[nodiscard]] constexpr bool contains(Range other) const {
        return start <= other.start && other.end <= end;
    }
    friend constexpr bool operator==(const Range&, const Range&) = default;
};

struct Region {
    Range range;
    std::uint8_t protection;  ///< native::protect_…
    friend constexpr bool operator==(const Region&, const Region&) = default;
};

class RegionTable {
   public:
    static constexpr std::size_t capacity = 128;

    [[nodiscard]] std::span<const Region> regions() const { return {regions_.data(), count_}; }
    [[nodiscard]] const Region* find(VirtualAddress address) const;
    /// Whether every page of \p range lies in some region.
    [[nodiscard]] bool covers(Range range) const;

    // Each of these either does all or, where the table would overflow, nothing and says false.

    /// Makes \p range a region, in place of what was there.
    [[nodiscard]] bool assign(Range range, std::uint8_t protection);
    /// Takes \p range out of the regions.
    [[nodiscard]] bool remove(Range range);

   private:
    [[nodiscard]] bool replace(Range range, std::optional<std::uint8_t> protection);
    void append(Region region);

    std::array<Region, capacity> regions_{};
    std::size_t count_ = 0;
    bool overflowed_ = false;
};

}  // namespace kos::rootserver
