// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/memory/address_space.hpp"

#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/manager.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos {

namespace {

constexpr std::uint8_t read_write =
    static_cast<std::uint8_t>(native::protect_read | native::protect_write);

}  // namespace

/// A spare range of the right size, zeroed.
std::optional<VirtualAddress> AddressSpace::reuse(const MapRequest& request) {
    if (request.hint.value() != 0 || request.protection != read_write) return std::nullopt;
    const auto spare = spares_.take(request.size);
    if (!spare) return std::nullopt;
    if (!areas_.set({*spare, read_write, AreaUse::Mapped})) {
        // Still a region of the manager's, and marked as spare: out of use for good.
        return std::nullopt;
    }
    std::memset(sel4::vspace_pointer(spare->start.value()), 0, spare->size);
    return spare->start;
}

bool AddressSpace::keep_as_spare(const Range& range) {
    const auto area = areas_.next_within(range, range.start);
    if (!area || area->range != range || area->use != AreaUse::Mapped ||
        area->protection != read_write || !window_.contains(range)) {
        return false;
    }
    if (!areas_.set({range, read_write, AreaUse::Spare})) return false;
    if (spares_.keep(range)) return true;
    must(areas_.set({range, read_write, AreaUse::Mapped}), "undoes what was just done");
    return false;
}

/// Spare ranges are free to the app: they go wherever it names a place.
Outcome<void> AddressSpace::evict_spares(const Range& range) {
    while (const auto spare = spares_.take_overlapping(range)) {
        KOS_TRY(areas_.clear(*spare));
        KOS_TRY(manager::unmap(*spare));
    }
    return {};
}

Outcome<Range> AddressSpace::place(const MapRequest& request) {
    const Range wanted{request.hint, request.size};
    if (request.hint.value() != 0 && manages(wanted)) KOS_TRY(evict_spares(wanted));
    if (request.fixed) {
        if (!manages(wanted)) return Err{Errno::Enomem};
        if (!request.replace && !areas_.is_free(wanted)) return Err{Errno::Eexist};
        return wanted;
    }
    if (request.hint.value() != 0 && window_.contains(wanted) && areas_.is_free(wanted)) {
        return wanted;
    }
    const auto found = areas_.find_free(request.size, window_);
    if (!found) return Err{Errno::Enomem};
    return *found;
}

/// Gives the manager back what it knows of `range`.
Outcome<void> AddressSpace::drop_regions(const Range& range) {
    VirtualAddress position = range.start;
    while (const auto area = areas_.next_within(range, position)) {
        if (area->use == AreaUse::Mapped) KOS_TRY(manager::unmap(area->range));
        position = area->range.end();
    }
    return {};
}

Outcome<VirtualAddress> AddressSpace::map_unlocked(const MapRequest& request) {
    if (const auto address = reuse(request)) return *address;
    const Range range = KOS_TRY(place(request));
    if (request.protection == native::protect_none) {
        KOS_TRY(drop_regions(range));
        KOS_TRY(areas_.set({range, request.protection, AreaUse::Reserved}));
    } else {
        KOS_TRY(manager::map(range, request.protection));
        if (auto noted = areas_.set({range, request.protection, AreaUse::Mapped}); !noted) {
            KOS_TRY(manager::unmap(range));
            return Err{noted.error()};
        }
    }
    return range.start;
}

Outcome<VirtualAddress> AddressSpace::map(const MapRequest& request) {
    const Locked locked(lock_);
    return map_unlocked(request);
}

Outcome<void> AddressSpace::unmap_unlocked(const Range& range) {
    // Like Linux: a range where nothing is mapped is no error, wherever it lies.
    if (!manages(range)) return {};
    KOS_TRY(evict_spares(range));
    if (keep_as_spare(range)) return {};
    KOS_TRY(drop_regions(range));
    return areas_.clear(range);
}

Outcome<void> AddressSpace::unmap(const Range& range) {
    const Locked locked(lock_);
    return unmap_unlocked(range);
}

Outcome<void> AddressSpace::protect_area(const Area& area, std::uint8_t protection) {
    if (area.use == AreaUse::Mapped) {
        if ((protection & native::protect_execute) != 0) return make_executable(area, protection);
        KOS_TRY(manager::protect(area.range, protection));
        return areas_.set({area.range, protection, AreaUse::Mapped});
    }
    if (protection == native::protect_none) return {};
    KOS_TRY(manager::map(area.range, protection));
    return areas_.set({area.range, protection, AreaUse::Mapped});
}

Outcome<void> AddressSpace::protect(const Range& range, std::uint8_t protection) {
    const Locked locked(lock_);
    // The app's image is no affair of ours: its relocated data becomes read-only there.
    if (!manages(range)) return manager::protect(range, protection);
    KOS_TRY(evict_spares(range));
    if (!areas_.covers(range)) return Err{Errno::Enomem};
    VirtualAddress position = range.start;
    while (const auto area = areas_.next_within(range, position)) {
        KOS_TRY(protect_area(*area, protection));
        position = area->range.end();
    }
    return {};
}

Outcome<void> AddressSpace::discard(const Range& range) {
    const Locked locked(lock_);
    if (!manages(range)) return Err{Errno::Einval};
    KOS_TRY(evict_spares(range));
    if (!areas_.covers(range)) return Err{Errno::Enomem};
    VirtualAddress position = range.start;
    while (const auto area = areas_.next_within(range, position)) {
        if (area->use == AreaUse::Mapped) KOS_TRY(manager::map(area->range, area->protection));
        position = area->range.end();
    }
    return {};
}

Outcome<void> AddressSpace::commit(const Range& range) {
    const Locked locked(lock_);
    if (!manages(range)) return {};
    return manager::commit(range);
}

/// A larger copy elsewhere. What is mapped must be one readable area.
Outcome<VirtualAddress> AddressSpace::move(const Range& range, std::uint64_t size) {
    const auto area = areas_.next_within(range, range.start);
    if (!area || area->range != range) return Err{Errno::Efault};
    // Branches to stubs hold distances.
    if ((area->protection & native::protect_execute) != 0) return Err{Errno::Enomem};
    const VirtualAddress target = KOS_TRY(map_unlocked({{}, size, read_write}));
    if (area->use == AreaUse::Mapped) {
        std::memcpy(sel4::vspace_pointer(target.value()), sel4::vspace_pointer(range.start.value()),
                    std::min(range.size, size));
    }
    if (area->protection != read_write) {
        const Range moved{target, size};
        KOS_TRY(manager::protect(moved, area->protection));
        KOS_TRY(areas_.set({moved, area->protection, AreaUse::Mapped}));
    }
    KOS_TRY(unmap_unlocked(range));
    return target;
}

Outcome<VirtualAddress> AddressSpace::resize(const Range& range, std::uint64_t size,
                                             bool may_move) {
    const Locked locked(lock_);
    if (!window_.contains(range) || !areas_.covers(range)) return Err{Errno::Efault};
    if (size <= range.size) {
        if (size < range.size) {
            KOS_TRY(unmap_unlocked(range_between(range.start + size, range.end())));
        }
        return range.start;
    }
    const Range growth{range.end(), size - range.size};
    if (window_.contains(growth)) {
        KOS_TRY(evict_spares(growth));
        const auto last = areas_.next_within(range, range.end() - page_size);
        if (areas_.is_free(growth) && last && last->use == AreaUse::Mapped) {
            KOS_TRY(map_unlocked({growth.start, growth.size, last->protection, true}));
            return range.start;
        }
    }
    if (!may_move) return Err{Errno::Enomem};
    return move(range, size);
}

VirtualAddress AddressSpace::set_break(VirtualAddress address) {
    const Locked locked(lock_);
    if (address < brk_area_.start || brk_area_.end() < address) return break_;
    const auto page_end = [](VirtualAddress point) {
        return (point + (page_size - 1)).aligned_down(page_size);
    };
    const VirtualAddress old_end = page_end(break_);
    const VirtualAddress new_end = page_end(address);
    if (old_end < new_end) {
        const Range growth = range_between(old_end, new_end);
        if (!map_unlocked({growth.start, growth.size, read_write, true})) return break_;
    } else if (new_end < old_end) {
        if (!unmap_unlocked(range_between(new_end, old_end))) return break_;
    }
    break_ = address;
    return break_;
}

}  // namespace kos::libos
