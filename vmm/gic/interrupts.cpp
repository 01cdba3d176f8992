// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/gic/interrupts.hpp"

#include <algorithm>

namespace kos::vmm {

void Interrupts::set_level(unsigned interrupt, bool asserted) {
    level_[interrupt] = asserted;
    if (asserted) deliver();
}

void Interrupts::pend(unsigned interrupt) {
    latched_[interrupt] = true;
    deliver();
}

std::optional<unsigned> Interrupts::ended(unsigned slot) {
    if (slot >= slots || !slots_[slot]) return std::nullopt;
    const unsigned interrupt = *slots_[slot];
    slots_[slot].reset();
    return interrupt;
}

bool Interrupts::any_in_slots() const {
    return std::any_of(slots_.begin(), slots_.end(),
                       [](const auto& slot) { return slot.has_value(); });
}

void Interrupts::deliver() {
    while (const auto interrupt = next()) {
        const auto slot = free_slot();
        if (!slot) return;
        // The kernel takes five bits of priority.
        const auto priority = static_cast<std::uint8_t>(priority_[*interrupt] >> 3);
        if (!injector_.inject(*slot, *interrupt, priority)) return;
        slots_[*slot] = static_cast<std::uint8_t>(*interrupt);
        latched_[*interrupt] = false;
    }
}

void Interrupts::reset() {
    forwarding_ = false;
    enabled_.reset();
    latched_.reset();
    priority_ = {};
    slots_ = {};
}

bool Interrupts::is_in_slot(unsigned interrupt) const {
    return std::any_of(slots_.begin(), slots_.end(),
                       [interrupt](const auto& slot) { return slot && *slot == interrupt; });
}

std::optional<unsigned> Interrupts::next() const {
    std::optional<unsigned> best;
    const std::bitset<count> waiting = enabled_ & (level_ | latched_);
    if (!forwarding_ || waiting.none()) return best;
    for (unsigned i = 0; i < count; ++i) {
        if (!waiting[i] || is_in_slot(i)) continue;
        if (!best || priority_[i] < priority_[*best]) best = i;
    }
    return best;
}

std::optional<unsigned> Interrupts::free_slot() const {
    for (unsigned i = 0; i < slots; ++i) {
        if (!slots_[i]) return i;
    }
    return std::nullopt;
}

}  // namespace kos::vmm
