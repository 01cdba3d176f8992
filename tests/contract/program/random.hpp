// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The generator of random numbers behind the traces: SplitMix64 (Steele, Lea, Flood, 2014). A trace
// is its seed: this function must never change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kos::contract {

class Random {
   public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e37'79b9'7f4a'7c15;
        std::uint64_t value = state_;
        value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9;
        value = (value ^ value >> 27) * 0x94d0'49bb'1331'11eb;
        return value ^ value >> 31;
    }
    /// Below \p bound.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    bool percent(unsigned chance) { return below(100) < chance; }
    template <class T>
    const T& of(std::span<const T> choices) {
        return choices[below(choices.size())];
    }

   private:
    std::uint64_t state_;
};

}  // namespace kos::contract
