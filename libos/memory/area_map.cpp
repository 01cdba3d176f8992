// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/memory/area_map.hpp"

#include <algorithm>

namespace kos::libos {

std::size_t AreaMap::first_ending_behind(VirtualAddress address) const {
    const auto used = areas();
    const auto found = std::partition_point(
        used.begin(), used.end(), [&](const Area& area) { return area.range.end() <= address; });
    return static_cast<std::size_t>(found - used.begin());
}

void AreaMap::insert(std::size_t index, const Area& area) {
    std::copy_backward(storage_.data() + index, storage_.data() + count_,
                       storage_.data() + count_ + 1);
    storage_[index] = area;
    ++count_;
}

void AreaMap::erase(std::size_t index) {
    std::copy(storage_.data() + index + 1, storage_.data() + count_, storage_.data() + index);
    --count_;
}

/// Leaves no area within `range`. Adds at most one: the rear part of an area that is split.
void AreaMap::carve(const Range& range) {
    std::size_t index = first_ending_behind(range.start);
    while (index < count_ && storage_[index].range.start < range.end()) {
        Area& area = storage_[index];
        const Area whole = area;
        const bool front = whole.range.start < range.start;
        const bool rear = range.end() < whole.range.end();
        if (front) area.range = range_between(whole.range.start, range.start);
        if (rear) {
            Area rest = whole;
            rest.range = range_between(range.end(), whole.range.end());
            if (!front) {
                area = rest;
            } else {
                insert(index + 1, rest);
            }
            return;
        }
        if (front) {
            ++index;
        } else {
            erase(index);
        }
    }
}

void AreaMap::merge_around(std::size_t index) {
    const auto joins = [](const Area& a, const Area& b) {
        return a.range.end() == b.range.start && a.same_properties(b);
    };
    if (index + 1 < count_ && joins(storage_[index], storage_[index + 1])) {
        storage_[index].range.size += storage_[index + 1].range.size;
        erase(index + 1);
    }
    if (index > 0 && joins(storage_[index - 1], storage_[index])) {
        storage_[index - 1].range.size += storage_[index].range.size;
        erase(index);
    }
}

Outcome<void> AreaMap::set(const Area& area) {
    if (!has_room_for_split()) return Err{Errno::Enomem};
    carve(area.range);
    const std::size_t index = first_ending_behind(area.range.start);
    insert(index, area);
    merge_around(index);
    return {};
}

Outcome<void> AreaMap::clear(const Range& range) {
    if (!has_room_for_split()) return Err{Errno::Enomem};
    carve(range);
    return {};
}

bool AreaMap::covers(const Range& range) const {
    VirtualAddress reached = range.start;
    for (std::size_t i = first_ending_behind(range.start); reached < range.end(); ++i) {
        if (i == count_ || storage_[i].range.start > reached) return false;
        reached = storage_[i].range.end();
    }
    return true;
}

bool AreaMap::is_free(const Range& range) const {
    const std::size_t index = first_ending_behind(range.start);
    return index == count_ || range.end() <= storage_[index].range.start;
}

std::optional<Range> AreaMap::find_free(std::uint64_t size, const Range& window) const {
    VirtualAddress start = window.start;
    for (std::size_t i = first_ending_behind(start); i < count_; ++i) {
        const Range& used = storage_[i].range;
        if (used.start > start && used.start - start >= size) break;
        if (used.end() > start) start = used.end();
    }
    if (start > window.end() || window.end() - start < size) return std::nullopt;
    return Range{start, size};
}

std::optional<Area> AreaMap::next_within(const Range& range, VirtualAddress from) const {
    if (range.end() <= from) return std::nullopt;
    const std::size_t index = first_ending_behind(from);
    if (index == count_ || storage_[index].range.start >= range.end()) return std::nullopt;
    Area area = storage_[index];
    area.range = intersection(area.range, range_between(from, range.end()));
    return area;
}

}  // namespace kos::libos
