// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Little-endian fields of wire and file formats: any alignment, any host byte order.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace kos {

/// An unsigned integer stored least significant byte first. Alignment 1, so a struct of such
/// fields has no padding and its offsets are the ones its format document gives.
template <std::unsigned_integral T>
class LittleEndian {
   public:
    constexpr LittleEndian() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): a field is used as the number it stores.
    constexpr LittleEndian(T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            bytes_[i] = static_cast<std::uint8_t>(value >> (8 * i));
        }
    }
    // NOLINTNEXTLINE(google-explicit-constructor): a field is used as the number it stores.
    constexpr operator T() const {
        T value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes_[i]) << (8 * i)));
        }
        return value;
    }

   private:
    std::uint8_t bytes_[sizeof(T)] = {};
};

using Le16 = LittleEndian<std::uint16_t>;
using Le32 = LittleEndian<std::uint32_t>;
using Le64 = LittleEndian<std::uint64_t>;
static_assert(sizeof(Le16) == 2 && sizeof(Le32) == 4 && sizeof(Le64) == 8 && alignof(Le64) == 1);

}  // namespace kos
