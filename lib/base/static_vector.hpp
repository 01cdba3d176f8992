// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A vector with a fixed capacity and no heap, for plans and lists that freestanding code makes.
#pragma once

#include "lib/base/panic.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

namespace kos {

template <class T, std::size_t Capacity>
requires std::is_trivially_copyable_v<T>
class StaticVector {
   public:
    /// False, and nothing is added, where the vector is full.
    [[nodiscard]] constexpr bool push_back(const T& value) {
        if (size_ == Capacity) return false;
        items_[size_++] = value;
        return true;
    }
    /// Drops the items from \p size on; never grows.
    constexpr void truncate(std::size_t size) {
        if (size < size_) size_ = size;
    }

    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
    [[nodiscard]] static constexpr std::size_t capacity() { return Capacity; }

    [[nodiscard]] constexpr T& operator[](std::size_t index) {
        check(index);
        return items_[index];
    }
    [[nodiscard]] constexpr const T& operator[](std::size_t index) const {
        check(index);
        return items_[index];
    }
    [[nodiscard]] constexpr T* begin() { return items_.data(); }
    [[nodiscard]] constexpr T* end() { return items_.data() + size_; }
    [[nodiscard]] constexpr const T* begin() const { return items_.data(); }
    [[nodiscard]] constexpr const T* end() const { return items_.data() + size_; }
    [[nodiscard]] constexpr std::span<const T> items() const { return {items_.data(), size_}; }

   private:
    constexpr void check(std::size_t index) const {
        if (index >= size_) panic("StaticVector: index out of range");
    }

    std::array<T, Capacity> items_{};
    std::size_t size_ = 0;
};

}  // namespace kos
