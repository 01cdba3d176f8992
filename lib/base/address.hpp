// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Addresses that cannot be confused: virtual with physical, a point with a size.
#pragma once

#include "lib/base/checked.hpp"

#include <compare>
#include <cstdint>
#include <optional>

namespace kos {

inline constexpr std::uint64_t page_bits = 12;
inline constexpr std::uint64_t page_size = 1u << page_bits;
inline constexpr std::uint64_t large_page_bits = 21;
inline constexpr std::uint64_t large_page_size = 1u << large_page_bits;

/// Whole pages that hold `bytes` bytes.
[[nodiscard]] constexpr std::uint64_t pages_for(std::uint64_t bytes) {
    return bytes / page_size + (bytes % page_size != 0 ? 1 : 0);
}

/// A point in the address space that Space names. Point − point is a size in bytes;
/// point + point does not exist.
template <class Space>
class Address {
   public:
    constexpr Address() = default;
    constexpr explicit Address(std::uint64_t value) : value_(value) {}

    [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
    [[nodiscard]] constexpr bool is_aligned(std::uint64_t alignment) const {
        return kos::is_aligned(value_, alignment);
    }
    [[nodiscard]] constexpr Address aligned_down(std::uint64_t alignment) const {
        return Address{align_down(value_, alignment)};
    }
    /// Nothing where the sum wraps.
    [[nodiscard]] constexpr std::optional<Address> plus(std::uint64_t bytes) const {
        const auto sum = checked_add(value_, bytes);
        if (!sum) return std::nullopt;
        return Address{*sum};
    }

    friend constexpr Address operator+(Address a, std::uint64_t bytes) {
        return Address{a.value_ + bytes};
    }
    friend constexpr Address operator-(Address a, std::uint64_t bytes) {
        return Address{a.value_ - bytes};
    }
    friend constexpr std::uint64_t operator-(Address a, Address b) { return a.value_ - b.value_; }
    friend constexpr auto operator<=>(Address, Address) = default;

   private:
    std::uint64_t value_ = 0;
};

/// An address in a VSpace.
using VirtualAddress = Address<struct VirtualSpace>;
/// An address in physical memory.
using PhysicalAddress = Address<struct PhysicalSpace>;

}  // namespace kos
