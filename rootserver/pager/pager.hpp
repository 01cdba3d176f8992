// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Pages in the memory of one app that is not mapped beforehand: brk area, mmap window, stack.
//
//   request Map ──► a region ──► fault in it ──► a heap frame, a page table where one is missing
//   request Unmap ─► frames go back to the heap; the next page that gets one finds it zeroed
//
// All frames and tables were made when the app was spawned. A page is never both writable and
// executable, and what becomes executable is looked through first (executable.hpp). Left out:
// giving page tables back, and swapping.
#pragma once

#include "lib/sel4/types.hpp"
#include "rootserver/pager/heap_frames.hpp"
#include "rootserver/pager/page_table_set.hpp"
#include "rootserver/pager/region_table.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>
#include <span>

namespace kos::rootserver {

enum class Access : std::uint8_t { Read, Write, Fetch };

/// What came of a request or a fault, where the kernel had nothing against it.
enum class PagerAnswer : std::uint8_t {
    Done,
    NoRegion,   ///< nothing is there that could be paged in
    Forbidden,  ///< the protection does not allow it, or would be writable and executable
    Outside,    ///< not page-aligned, empty, or outside the brk area and the mmap window
    NoMemory,   ///< the heap frames, page tables or regions are used up
};

class Pager {
   public:
    /// The app's objects that it deals out.
    struct Objects {
        sel4::Cap<sel4::VSpace> vspace;
        sel4::CPtr first_heap_frame;
        std::uint32_t heap_frames = 0;
        sel4::CPtr first_page_table;
        std::uint32_t page_tables = 0;
    };
    /// Words of storage that it needs for its books.
    [[nodiscard]] static std::size_t storage_words(std::uint32_t heap_frames,
                                                   std::uint32_t page_tables);

    Pager() = default;
    Pager(const Objects& objects, std::span<std::uint32_t> storage);

    /// The app may map regions in \p range. At most max_windows.
    static constexpr std::size_t max_windows = 4;
    [[nodiscard]] bool add_window(Range range);
    /// A region that is there from the start.
    [[nodiscard]] bool add_region(Range range, std::uint8_t protection);

    Attempt<PagerAnswer> fault(VirtualAddress address, Access access);
    Attempt<PagerAnswer> map(Range range, std::uint64_t protection);
    Attempt<PagerAnswer> unmap(Range range);
    Attempt<PagerAnswer> protect(Range range, std::uint64_t protection);
    Attempt<PagerAnswer> commit(Range range);

    /// Maps the page tables that a page at \p address lacks.
    Attempt<> provide_tables(VirtualAddress address, std::uint64_t page_bits);

    [[nodiscard]] const RegionTable& regions() const { return regions_; }
    [[nodiscard]] const HeapFrames& heap() const { return heap_; }
    [[nodiscard]] std::uint32_t page_tables_in_use() const { return tables_.count(); }

   private:
    [[nodiscard]] bool in_window(Range range) const;
    [[nodiscard]] sel4::Cap<sel4::Frame> frame(std::uint32_t index) const;
    Attempt<> page_in(VirtualAddress address, std::uint8_t protection);
    Attempt<> place(std::uint32_t index, VirtualAddress address, std::uint8_t protection);
    Attempt<> give_back(Range range);
    Attempt<> apply(Range range, std::uint8_t protection);
    Attempt<> apply(std::uint32_t index, VirtualAddress address, std::uint8_t protection);
    template <class Visit>
    Attempt<> for_each_page(Range range, Visit&& visit);

    Objects objects_{};
    HeapFrames heap_;
    PageTableSet tables_;
    RegionTable regions_;
    std::array<Range, max_windows> windows_{};
    std::size_t window_count_ = 0;
};

/// Rights and attributes of a native mapping with that protection (native::protect_…).
struct PageAccess {
    sel4::Rights rights;
    sel4::VmAttributes attributes;
};
[[nodiscard]] PageAccess page_access(std::uint8_t protection);

}  // namespace kos::rootserver
