// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/pager.hpp"

#include "lib/native/manager.hpp"
#include "rootserver/pager/executable.hpp"
#include "rootserver/pager/scratch.hpp"

#include <algorithm>

namespace kos::rootserver {

namespace {

/// Pages that one fault brings in at most: a block of that many, aligned.
constexpr std::uint64_t fault_around_bytes = 8 * page_size;

constexpr std::uint64_t all_protections =
    native::protect_read | native::protect_write | native::protect_execute;

bool is_protection(std::uint64_t protection) { return (protection & ~all_protections) == 0; }
bool writes_and_executes(std::uint64_t protection) {
    return (protection & native::protect_write) != 0 && (protection & native::protect_execute) != 0;
}
bool allows(std::uint8_t protection, Access access) {
    switch (access) {
        case Access::Read:
            return protection != native::protect_none;
        case Access::Write:
            return (protection & native::protect_write) != 0;
        case Access::Fetch:
            return (protection & native::protect_execute) != 0;
    }
    return false;
}

bool is_well_formed(Range range) {
    return !range.empty() && range.start.is_aligned(page_size) && range.end.is_aligned(page_size);
}

PageNumber page_at(VirtualAddress address) {
    return static_cast<PageNumber>(address.value() >> page_bits);
}
VirtualAddress address_of(PageNumber page) {
    return VirtualAddress{std::uint64_t{page} << page_bits};
}

/// NoMemory where that is what went wrong: the app's doing, not the kernel's.
Attempt<PagerAnswer> answer_of(Attempt<> outcome) {
    if (outcome) return PagerAnswer::Done;
    if (outcome.error().code == ErrorCode::OutOfMemory) return PagerAnswer::NoMemory;
    return Err{outcome.error()};
}

}  // namespace

PageAccess page_access(std::uint8_t protection) {
    return {(protection & native::protect_write) != 0 ? sel4::read_write : sel4::read_only,
            (protection & native::protect_execute) != 0
                ? sel4::VmAttributes::Cacheable
                : sel4::VmAttributes::CacheableExecuteNever};
}

std::size_t Pager::storage_words(std::uint32_t heap_frames, std::uint32_t page_tables) {
    return HeapFrames::storage_words(heap_frames) + page_tables;
}

Pager::Pager(const Objects& objects, std::span<std::uint32_t> storage)
    : objects_(objects),
      heap_(objects.heap_frames, storage.subspan(objects.page_tables)),
      tables_(storage.first(objects.page_tables), sel4::abi().has_level_0()) {}

bool Pager::add_window(Range range) {
    if (window_count_ == max_windows) return false;
    windows_[window_count_++] = range;
    return true;
}

bool Pager::add_region(Range range, std::uint8_t protection) {
    return regions_.assign(range, protection);
}

Attempt<PagerAnswer> Pager::fault(VirtualAddress address, Access access) {
    const Region* found = regions_.find(address);
    if (found == nullptr) return PagerAnswer::NoRegion;
    const Region region = *found;
    if (!allows(region.protection, access)) return PagerAnswer::Forbidden;
    const VirtualAddress page = address.aligned_down(page_size);
    const PagerAnswer answer = KOS_TRY(answer_of(page_in(page, region.protection)));
    if (answer != PagerAnswer::Done) return answer;

    // Its neighbours are likely next, and each costs the app a fault. They are a favour: where
    // memory is short there is none.
    const VirtualAddress block = address.aligned_down(fault_around_bytes);
    const VirtualAddress end = std::min(region.range.end, block + fault_around_bytes);
    for (VirtualAddress next = std::max(region.range.start, block); next < end && heap_.available();
         next = next + page_size) {
        const PagerAnswer more = KOS_TRY(answer_of(page_in(next, region.protection)));
        if (more != PagerAnswer::Done) break;
    }
    return PagerAnswer::Done;
}

Attempt<PagerAnswer> Pager::map(Range range, std::uint64_t protection) {
    if (!is_well_formed(range) || !in_window(range) || !is_protection(protection)) {
        return PagerAnswer::Outside;
    }
    if (writes_and_executes(protection)) return PagerAnswer::Forbidden;
    if (!regions_.assign(range, static_cast<std::uint8_t>(protection))) {
        return PagerAnswer::NoMemory;
    }
    return answer_of(give_back(range));
}

Attempt<PagerAnswer> Pager::unmap(Range range) {
    if (!is_well_formed(range) || !in_window(range)) return PagerAnswer::Outside;
    if (!regions_.remove(range)) return PagerAnswer::NoMemory;
    return answer_of(give_back(range));
}

Attempt<PagerAnswer> Pager::protect(Range range, std::uint64_t protection) {
    if (!is_well_formed(range) || !is_protection(protection)) return PagerAnswer::Outside;
    if (!regions_.covers(range)) return PagerAnswer::NoRegion;
    if (writes_and_executes(protection)) return PagerAnswer::Forbidden;
    if (!regions_.assign(range, static_cast<std::uint8_t>(protection))) {
        return PagerAnswer::NoMemory;
    }
    return answer_of(apply(range, static_cast<std::uint8_t>(protection)));
}

Attempt<PagerAnswer> Pager::commit(Range range) {
    if (!is_well_formed(range)) return PagerAnswer::Outside;
    if (!regions_.covers(range)) return PagerAnswer::NoRegion;
    for (VirtualAddress page = range.start; page < range.end; page = page + page_size) {
        const std::uint8_t protection = regions_.find(page)->protection;
        if (protection == native::protect_none) return PagerAnswer::Forbidden;
        const PagerAnswer answer = KOS_TRY(answer_of(page_in(page, protection)));
        if (answer != PagerAnswer::Done) return answer;
    }
    return PagerAnswer::Done;
}

Attempt<> Pager::provide_tables(VirtualAddress address, std::uint64_t page_bits) {
    return tables_.provide(address, page_bits, [this](VirtualAddress missing_at) {
        const sel4::Cap<sel4::PageTable> table{objects_.first_page_table.value + tables_.count()};
        return about({"the app's page table at", missing_at.value()},
                     sel4::page_table_map(table, objects_.vspace, missing_at.value(),
                                          sel4::VmAttributes::Cacheable));
    });
}

bool Pager::in_window(Range range) const {
    return std::any_of(windows_.begin(), windows_.begin() + window_count_,
                       [&](const Range& window) { return window.contains(range); });
}

sel4::Cap<sel4::Frame> Pager::frame(std::uint32_t index) const {
    return sel4::Cap<sel4::Frame>{objects_.first_heap_frame.value + index};
}

Attempt<> Pager::page_in(VirtualAddress address, std::uint8_t protection) {
    const PageNumber page = page_at(address);
    if (heap_.find(page)) return {};
    KOS_TRY(provide_tables(address, page_bits));
    const auto taken = heap_.take(page);
    if (!taken) return trouble(ErrorCode::OutOfMemory, {"a heap frame for", address.value()});
    Attempt<> placed = taken->dirty ? clear_frame(frame(taken->index)) : Attempt<>{};
    if (placed) placed = place(taken->index, address, protection);
    if (!placed) heap_.give_back(page);
    return placed;
}

Attempt<> Pager::place(std::uint32_t index, VirtualAddress address, std::uint8_t protection) {
    const auto [rights, attributes] = page_access(protection);
    KOS_TRY(
        about({"the app's page at", address.value()},
              sel4::page_map(frame(index), objects_.vspace, address.value(), rights, attributes)));
    if ((protection & native::protect_execute) == 0) return {};
    return about({"instructions of the page at", address.value()},
                 sel4::page_unify_instruction(frame(index), 0, page_size));
}

Attempt<> Pager::give_back(Range range) {
    return for_each_page(range, [this](PageNumber page, std::uint32_t index) -> Attempt<> {
        KOS_TRY(
            about({"the app's page at", address_of(page).value()}, sel4::page_unmap(frame(index))));
        heap_.give_back(page);
        return {};
    });
}

Attempt<> Pager::apply(Range range, std::uint8_t protection) {
    return for_each_page(range, [&](PageNumber page, std::uint32_t index) {
        return apply(index, address_of(page), protection);
    });
}

Attempt<> Pager::apply(std::uint32_t index, VirtualAddress address, std::uint8_t protection) {
    const bool executes = (protection & native::protect_execute) != 0;
    if (executes || protection == native::protect_none) {
        KOS_TRY(about({"the app's page at", address.value()}, sel4::page_unmap(frame(index))));
    }
    if (executes) KOS_TRY(remove_system_calls(frame(index)));
    return protection == native::protect_none ? Attempt<>{} : place(index, address, protection);
}

/// Visits the pages of \p range that hold a frame, by whichever of the two is shorter: the range
/// or the list of frames. A visit may give its own page back.
template <class Visit>
Attempt<> Pager::for_each_page(Range range, Visit&& visit) {
    const PageNumber first = page_at(range.start);
    const PageNumber end = page_at(range.end);
    if (end - first <= heap_.limit()) {
        for (PageNumber page = first; page < end; ++page) {
            if (const auto index = heap_.find(page)) KOS_TRY(visit(page, *index));
        }
        return {};
    }
    for (std::uint32_t index = 0; index < heap_.limit(); ++index) {
        const auto page = heap_.page_of(index);
        if (page && *page >= first && *page < end) KOS_TRY(visit(*page, index));
    }
    return {};
}

}  // namespace kos::rootserver
