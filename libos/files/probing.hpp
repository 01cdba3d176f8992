// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What hash tables of numbers have in common: open addressing with linear probing over slots of the
// caller's, a power of two in number and more than entries; 0 is empty, else a number plus 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kos::libos::probing {

using Slots = std::span<std::uint32_t>;

[[nodiscard]] inline std::size_t next(Slots slots, std::size_t i) {
    return (i + 1) & (slots.size() - 1);
}

inline void insert(Slots slots, std::size_t home, std::uint32_t number) {
    std::size_t i = home;
    while (slots[i] != 0) i = next(slots, i);
    slots[i] = number + 1;
}

/// Empties the slot that holds `number`, and closes the gap: what was pushed on by it moves up.
/// `home_of(number)` is where the search for an entry starts.
template <class HomeOf>
void erase(Slots slots, std::uint32_t number, HomeOf home_of) {
    const std::size_t mask = slots.size() - 1;
    std::size_t gap = home_of(number);
    while (slots[gap] != number + 1) gap = next(slots, gap);
    for (std::size_t i = next(slots, gap); slots[i] != 0; i = next(slots, i)) {
        const std::size_t from_home = (i - home_of(slots[i] - 1)) & mask;
        if (from_home < ((i - gap) & mask)) continue;
        slots[gap] = slots[i];
        gap = i;
    }
    slots[gap] = 0;
}

}  // namespace kos::libos::probing
