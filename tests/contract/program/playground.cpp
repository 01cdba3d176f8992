// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/playground.hpp"

#include <algorithm>

namespace kos::contract {

void Playground::make(sel4::Word first, sel4::Word count, Kind kind, std::uint16_t origin) {
    // A Call on a notification succeeds whatever its words are, a count of 2^64 - 1 among them.
    for (sel4::Word i = 0; i < std::min(count, slots); ++i)
        put(first + i, {kind, ++last_object_, origin});
}

void Playground::forget_made_from(std::uint16_t object) {
    for (Contents& contents : contents_) {
        if (contents.kind != Kind::Empty && contents.origin == object) contents = {};
    }
}

sel4::Word Playground::find(Random& random, Kind kind) const {
    const sel4::Word start = random.below(slots);
    for (sel4::Word i = 0; i < slots; ++i) {
        const sel4::Word slot = (start + i) % slots;
        if (slot != 0 && at(slot).kind == kind) return slot;
    }
    return start;
}

}  // namespace kos::contract
