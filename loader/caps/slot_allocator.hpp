// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Free slots of one CNode, as a bitmap that the caller provides.
#pragma once

#include "lib/sel4/invoke.hpp"
#include "lib/sel4/types.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace kos::caps {

/// A CNode as its holder reaches it. `destination` is for Untyped_Retype: its root is the holder's
/// own CSpace, its offset is ignored. Capability i of the CNode is CPtr{first_cptr + i}, and CNode
/// invocations on that root resolve `cptr_depth` bits of it (64 less the guard that the root's
/// capability lacks).
struct CNodeWindow {
    sel4::RetypeDestination destination;
    sel4::Word first_cptr = 0;
    std::uint8_t cptr_depth = 64;

    [[nodiscard]] constexpr sel4::RetypeDestination at(std::uint64_t slot) const {
        sel4::RetypeDestination result = destination;
        result.offset = slot;
        return result;
    }
    [[nodiscard]] constexpr sel4::CPtr cptr(std::uint64_t slot) const {
        return {first_cptr + slot};
    }
    /// Any capability of the holder's CSpace, as CNode invocations name it.
    [[nodiscard]] constexpr sel4::Slot slot(sel4::CPtr cptr) const {
        return {destination.root, cptr.value, cptr_depth};
    }
};

class SlotAllocator {
   public:
    /// Slots [first, first + count) are free; \p bitmap has a bit for each and outlives this.
    SlotAllocator(CNodeWindow window, std::uint64_t first, std::uint64_t count,
                  std::span<std::uint64_t> bitmap);

    /// The first of `count` consecutive slots, the lowest there are.
    [[nodiscard]] std::optional<std::uint64_t> allocate(std::uint64_t count = 1);
    /// Panics where a slot is not allocated: a double free is a fault of ours.
    void release(std::uint64_t slot, std::uint64_t count = 1);

    [[nodiscard]] std::uint64_t free_slots() const { return free_; }
    [[nodiscard]] const CNodeWindow& window() const { return window_; }

    /// Words of a bitmap for `count` slots.
    [[nodiscard]] static constexpr std::size_t words_for(std::uint64_t count) {
        return static_cast<std::size_t>((count + 63) / 64);
    }

   private:
    [[nodiscard]] bool used(std::uint64_t index) const;
    void mark(std::uint64_t index, std::uint64_t count, bool used);

    CNodeWindow window_;
    std::uint64_t first_;
    std::uint64_t count_;
    std::uint64_t free_;
    std::span<std::uint64_t> bitmap_;
};

}  // namespace kos::caps
