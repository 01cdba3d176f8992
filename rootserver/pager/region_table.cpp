// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/pager/region_table.hpp"

#include <algorithm>

namespace kos::rootserver {

const Region* RegionTable::find(VirtualAddress address) const {
    const auto all = regions();
    const auto after = std::upper_bound(
        all.begin(), all.end(), address,
        [](VirtualAddress point, const Region& region) { return point < region.range.end; });
    return after != all.end() && after->range.contains(address) ? &*after : nullptr;
}

bool RegionTable::covers(Range range) const {
    VirtualAddress covered = range.start;
    while (covered < range.end) {
        const Region* region = find(covered);
        if (region == nullptr) return false;
        covered = region->range.end;
    }
    return true;
}

bool RegionTable::assign(Range range, std::uint8_t protection) {
    return replace(range, protection);
}

bool RegionTable::remove(Range range) { return replace(range, std::nullopt); }

bool RegionTable::replace(Range range, std::optional<std::uint8_t> protection) {
    if (range.empty()) return true;
    RegionTable next;
    bool placed = !protection.has_value();
    const auto place = [&] {
        if (!placed) next.append({range, *protection});
        placed = true;
    };
    for (const Region& region : regions()) {
        const auto [start, end] = region.range;
        next.append({{start, std::min(end, range.start)}, region.protection});
        if (end > range.start) place();
        next.append({{std::max(start, range.end), end}, region.protection});
    }
    place();
    if (next.overflowed_) return false;
    *this = next;
    return true;
}

void RegionTable::append(Region region) {
    if (region.range.empty()) return;
    if (count_ > 0) {
        Region& last = regions_[count_ - 1];
        if (last.range.end == region.range.start && last.protection == region.protection) {
            last.range.end = region.range.end;
            return;
        }
    }
    if (count_ == capacity) {
        overflowed_ = true;
        return;
    }
    regions_[count_++] = region;
}

}  // namespace kos::rootserver
