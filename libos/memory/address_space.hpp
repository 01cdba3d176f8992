// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The app's memory: brk area and mmap window, kept as areas here and as regions at the manager.
//
//   brk_base … brk()               heap of brk(2)
//   private_range                  libos's own tables
//   … behind it                    files in memory (files/memory_files.hpp), where there are some
//   from there … limit             mmap(2): the lowest free place, so that few page tables serve
//
// A PROT_NONE reservation costs nothing: only libos knows of it until it is made accessible.
// Memory that is unmapped and mapped again soon (a heap's large blocks) skips the manager: small
// writable areas stay mapped in a short list and are zeroed when they are used again.
// Memory is never writable and executable at once. What becomes executable is rewritten first.
// Left out: huge pages, shared writable mappings of files, moving executable memory.
#pragma once

#include "libos/core/lock.hpp"
#include "libos/memory/area_map.hpp"
#include "libos/memory/spare_areas.hpp"

#include <span>

namespace kos::libos {

/// mmap(2) as far as memory is concerned: contents of files come from the caller.
struct MapRequest {
    VirtualAddress hint;
    std::uint64_t size = 0;  ///< a multiple of the page size
    std::uint8_t protection = 0;
    bool fixed = false;
    bool replace = true;  ///< with fixed: whether what is there may go
};

class AddressSpace {
   public:
    /// `heap`: bytes that the app may have in all.
    AddressSpace(Range brk_area, Range window, std::uint64_t heap, std::span<Area> storage)
        : brk_area_(brk_area),
          window_(window),
          break_(brk_area.start),
          areas_(storage),
          spares_(heap) {}

    /// Zero-filled memory. Where it lies.
    Outcome<VirtualAddress> map(const MapRequest& request);
    Outcome<void> unmap(const Range& range);
    Outcome<void> protect(const Range& range, std::uint8_t protection);
    /// Makes the range read as zeros again.
    Outcome<void> discard(const Range& range);
    Outcome<void> commit(const Range& range);
    /// mremap(2) without a fixed destination.
    Outcome<VirtualAddress> resize(const Range& range, std::uint64_t size, bool may_move);
    /// Moves the break, where it can be moved there, and gives where it is.
    VirtualAddress set_break(VirtualAddress address);

    [[nodiscard]] const AreaMap& areas() const { return areas_; }

   private:
    [[nodiscard]] bool manages(const Range& range) const {
        return brk_area_.contains(range) || window_.contains(range);
    }
    [[nodiscard]] std::optional<VirtualAddress> reuse(const MapRequest& request);
    [[nodiscard]] bool keep_as_spare(const Range& range);
    Outcome<void> evict_spares(const Range& range);
    Outcome<Range> place(const MapRequest& request);
    Outcome<void> make(const Range& range, std::uint8_t protection);
    Outcome<void> drop_regions(const Range& range);
    Outcome<void> protect_area(const Area& area, std::uint8_t protection);
    [[nodiscard]] Range near(const Range& code) const;
    Outcome<void> rewrite_code(const Range& range);
    Outcome<void> make_executable(const Area& area, std::uint8_t protection);
    Outcome<VirtualAddress> move(const Range& range, std::uint64_t size);
    Outcome<VirtualAddress> map_unlocked(const MapRequest& request);
    Outcome<void> unmap_unlocked(const Range& range);

    Lock lock_;
    Range brk_area_;
    Range window_;
    VirtualAddress break_;
    AreaMap areas_;
    SpareAreas spares_;
};

}  // namespace kos::libos
