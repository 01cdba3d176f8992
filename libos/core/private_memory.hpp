// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Memory for libos's own tables, taken front to back and never given back.
//
// It is a demand-paged region at the lower end of the mmap window: a table may be sized for the
// largest app, since only the pages that are used come out of the app's heap.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/panic.hpp"
#include "lib/native/address_space.hpp"
#include "libos/core/range.hpp"

#include <cstddef>
#include <span>
#include <type_traits>

namespace kos::libos {

inline constexpr Range private_range{native::mmap_base, 32u << 20};

class PrivateMemory {
   public:
    /// `memory` reads as zeros and is aligned for anything.
    explicit PrivateMemory(MutableBytes memory) : free_(memory) {}

    /// `count` objects whose bytes are all zero.
    template <class T>
    requires std::is_trivially_destructible_v<T>
    [[nodiscard]] std::span<T> take(std::size_t count) {
        constexpr std::size_t alignment = 16;
        static_assert(alignof(T) <= alignment);
        const auto bytes = checked_multiply<std::size_t>(count, sizeof(T));
        const auto rounded = bytes ? align_up<std::size_t>(*bytes, alignment) : std::nullopt;
        if (!rounded || *rounded > free_.size()) panic("libos: its own memory is used up");
        auto* const first = reinterpret_cast<T*>(free_.data());
        free_ = free_.subspan(*rounded);
        return {first, count};
    }

   private:
    MutableBytes free_;
};

}  // namespace kos::libos
