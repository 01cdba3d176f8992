// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/slot_allocator.hpp"

#include "lib/base/checked.hpp"
#include "lib/base/panic.hpp"

#include <algorithm>

namespace kos::caps {

SlotAllocator::SlotAllocator(CNodeWindow window, std::uint64_t first, std::uint64_t count,
                             std::span<std::uint64_t> bitmap)
    : window_(window), first_(first), count_(count), free_(count), bitmap_(bitmap) {
    if (bitmap.size() < words_for(count)) panic("SlotAllocator: the bitmap is too small");
    std::fill(bitmap_.begin(), bitmap_.end(), 0);
}

bool SlotAllocator::used(std::uint64_t index) const {
    return (bitmap_[static_cast<std::size_t>(index / 64)] >> (index % 64) & 1) != 0;
}

void SlotAllocator::mark(std::uint64_t index, std::uint64_t count, bool used) {
    for (std::uint64_t i = index; i < index + count; ++i) {
        const std::uint64_t bit = std::uint64_t{1} << (i % 64);
        std::uint64_t& word = bitmap_[static_cast<std::size_t>(i / 64)];
        word = used ? word | bit : word & ~bit;
    }
}

std::optional<std::uint64_t> SlotAllocator::allocate(std::uint64_t count) {
    if (count == 0 || count > free_) return std::nullopt;
    std::uint64_t run = 0;
    for (std::uint64_t index = 0; index < count_; ++index) {
        run = used(index) ? 0 : run + 1;
        if (run < count) continue;
        const std::uint64_t start = index + 1 - count;
        mark(start, count, true);
        free_ -= count;
        return first_ + start;
    }
    return std::nullopt;
}

void SlotAllocator::release(std::uint64_t slot, std::uint64_t count) {
    if (slot < first_ || !range_within(slot - first_, count, count_)) {
        panic("SlotAllocator: the slot is not one of these");
    }
    const std::uint64_t start = slot - first_;
    for (std::uint64_t index = start; index < start + count; ++index) {
        if (!used(index)) panic("SlotAllocator: the slot is free already");
    }
    mark(start, count, false);
    free_ += count;
}

}  // namespace kos::caps
