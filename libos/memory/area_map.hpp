// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which parts of the app's address space are in use, and how: a sorted list of areas that neither
// overlap nor adjoin with equal properties. Pure bookkeeping; memory/address_space.hpp acts on it.
#pragma once

#include "libos/core/answer.hpp"
#include "libos/core/range.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace kos::libos {

enum class AreaUse : std::uint8_t {
    Reserved,  ///< known to libos only: an access faults
    Mapped,    ///< in a region of the manager's
    Spare,     ///< free to the app, but still in a region: memory/spare_areas.hpp
};

struct Area {
    Range range;
    std::uint8_t protection = 0;  ///< PROT_*
    AreaUse use = AreaUse::Reserved;

    [[nodiscard]] constexpr bool same_properties(const Area& other) const {
        return protection == other.protection && use == other.use;
    }
    friend constexpr bool operator==(const Area&, const Area&) = default;
};

class AreaMap {
   public:
    /// `storage` bounds the number of areas.
    explicit AreaMap(std::span<Area> storage) : storage_(storage) {}

    /// Makes `area.range` an area with these properties, whatever was there. ENOMEM, and nothing
    /// changed, where the storage is used up.
    Outcome<void> set(const Area& area);
    /// Takes `range` out of use. ENOMEM as above: a hole splits an area.
    Outcome<void> clear(const Range& range);

    /// Whether every byte of `range` is in use.
    [[nodiscard]] bool covers(const Range& range) const;
    [[nodiscard]] bool is_free(const Range& range) const;
    /// The first unused `size` bytes that lie within `window`.
    [[nodiscard]] std::optional<Range> find_free(std::uint64_t size, const Range& window) const;

    /// The parts of areas that lie within `range`, front to back: the first at or behind `from`.
    [[nodiscard]] std::optional<Area> next_within(const Range& range, VirtualAddress from) const;

    [[nodiscard]] std::span<const Area> areas() const { return storage_.first(count_); }

   private:
    [[nodiscard]] std::size_t first_ending_behind(VirtualAddress address) const;
    [[nodiscard]] bool has_room_for_split() const { return count_ + 2 <= storage_.size(); }
    void insert(std::size_t index, const Area& area);
    void erase(std::size_t index);
    void carve(const Range& range);
    void merge_around(std::size_t index);

    std::span<Area> storage_;
    std::size_t count_ = 0;
};

}  // namespace kos::libos
