// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Arithmetic on numbers that came from outside: no wrap goes unnoticed.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

namespace kos {

template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> checked_add(T a, T b) {
    T sum;
    if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
    return sum;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> checked_multiply(T a, T b) {
    T product;
    if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
    return product;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr bool is_power_of_two(T value) {
    return value != 0 && (value & (value - 1)) == 0;
}

/// `value` rounded down to a multiple of `alignment`, a power of two.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T align_down(T value, T alignment) {
    return value & ~(alignment - 1);
}

/// `value` rounded up to a multiple of `alignment`, a power of two; nothing where it wraps.
template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> align_up(T value, T alignment) {
    const auto sum = checked_add<T>(value, alignment - 1);
    if (!sum) return std::nullopt;
    return align_down(*sum, alignment);
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr bool is_aligned(T value, T alignment) {
    return (value & (alignment - 1)) == 0;
}

/// Whether [offset, offset + size) lies within [0, limit).
[[nodiscard]] constexpr bool range_within(std::uint64_t offset, std::uint64_t size,
                                          std::uint64_t limit) {
    return offset <= limit && size <= limit - offset;
}

/// Whether two ranges share a byte. Neither may wrap.
[[nodiscard]] constexpr bool ranges_overlap(std::uint64_t a, std::uint64_t a_size, std::uint64_t b,
                                            std::uint64_t b_size) {
    return a_size != 0 && b_size != 0 && a < b + b_size && b < a + a_size;
}

}  // namespace kos
