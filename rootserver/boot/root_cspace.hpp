// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root server's CSpace: two levels, so that CNodes made later are addressed as well.
//
//   CPtr    63 ……… 40   39 … 32            31 …………… 0
//           guard (0)   top-level slot     index in the CNode there
//
//   top-level slot 0    the CNode that the kernel made: CPtrs of the boot information stay valid
//                  1    frames of the system image
//                  2…   the object CNodes of the apps
//
// The capability to a CNode of the second level has a guard that fills it up to 32 bits.
#pragma once

#include "lib/sel4/bootinfo.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>

namespace kos::rootserver {

class RootCSpace {
   public:
    static constexpr unsigned top_bits = 8;
    static constexpr unsigned second_level_bits = 32;

    /// Makes the top-level CNode and moves the calling thread into the new CSpace.
    static Attempt<RootCSpace> create(RootMemory& memory, unsigned root_cnode_bits);

    /// Any capability of the CSpace as a CNode invocation names it.
    [[nodiscard]] sel4::Slot slot(sel4::CPtr cptr) const {
        return {top_, cptr.value, top_bits + second_level_bits};
    }
    /// The first slot of the CNode at \p top_slot.
    [[nodiscard]] static constexpr sel4::CPtr base(std::uint64_t top_slot) {
        return {top_slot << second_level_bits};
    }

    /// The CNode at \p top_slot, for objects and copies to be put into.
    [[nodiscard]] caps::CNodeWindow window(std::uint64_t top_slot) const {
        return {{top_, top_slot, top_bits, 0}, base(top_slot).value, top_bits + second_level_bits};
    }

    /// Moves the capability in \p source to a CNode of 2^\p bits slots to \p top_slot.
    Attempt<> attach(sel4::CPtr source, unsigned bits, std::uint64_t top_slot);

    [[nodiscard]] sel4::Cap<sel4::CNode> root() const { return top_; }
    [[nodiscard]] static constexpr sel4::Word root_guard() {
        return sel4::cnode_guard(0, 64 - top_bits - second_level_bits);
    }

   private:
    explicit RootCSpace(sel4::Cap<sel4::CNode> top) : top_(top) {}
    [[nodiscard]] sel4::Slot top_level_slot(std::uint64_t number) const {
        return {top_, number, top_bits};
    }

    sel4::Cap<sel4::CNode> top_;
};

namespace top_slot {
inline constexpr std::uint64_t kernel_made = 0, image_frames = 1, first_app = 2;
}

}  // namespace kos::rootserver
