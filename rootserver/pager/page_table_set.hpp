// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which page tables a VSpace has, so that one is mapped exactly where it is missing: asking the
// kernel by a failing Page_Map is slow, and noisy on debug kernels.
//
// A directory spans 1 GiB, a table 2 MiB. With 40-bit physical addresses the VSpace object is two
// pages and holds the directories; with 44 bits it is one page, and a level-1 table stands between,
// one for all of address_limit. ARM_PageTable_Map fills in the topmost level that is missing.
#pragma once

#include "lib/base/address.hpp"
#include "rootserver/trouble.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace kos::rootserver {

class PageTableSet {
   public:
    PageTableSet() = default;
    /// \p storage: a word for each table.
    PageTableSet(std::span<std::uint32_t> storage, bool has_level_0)
        : tables_(storage), has_level_0_(has_level_0) {}

    /// Calls `map_table(address)` for each table that a page of \p page_bits at \p address lacks:
    /// an Attempt that has mapped one. OutOfMemory where there is no room for more.
    template <class MapTable>
    Attempt<> provide(VirtualAddress address, std::uint64_t page_bits, MapTable&& map_table) {
        if (has_level_0_) KOS_TRY(provide_one(level_1_key, address, map_table));
        KOS_TRY(provide_one(directory_key(address), address, map_table));
        if (page_bits >= large_page_bits) return {};
        return provide_one(table_key(address), address, map_table);
    }

    /// Notes that the directory at \p address, and what is above it, is there already.
    [[nodiscard]] bool add_directory(VirtualAddress address) {
        return (!has_level_0_ || add(level_1_key)) && add(directory_key(address));
    }
    [[nodiscard]] std::uint32_t count() const { return count_; }

   private:
    static constexpr std::uint32_t directory_bit = 1u << 31;
    static constexpr unsigned directory_bits = 30;
    static constexpr std::uint32_t level_1_key = ~std::uint32_t{0};  ///< no directory's or table's

    static constexpr std::uint32_t directory_key(VirtualAddress address) {
        return directory_bit | static_cast<std::uint32_t>(address.value() >> directory_bits);
    }
    static constexpr std::uint32_t table_key(VirtualAddress address) {
        return static_cast<std::uint32_t>(address.value() >> large_page_bits);
    }

    template <class MapTable>
    Attempt<> provide_one(std::uint32_t key, VirtualAddress address, MapTable&& map_table) {
        const auto known = tables_.first(count_);
        if (std::find(known.begin(), known.end(), key) != known.end()) return {};
        if (count_ == tables_.size()) {
            return trouble(ErrorCode::OutOfMemory, {"a page table for", address.value()});
        }
        KOS_TRY(map_table(address));
        tables_[count_++] = key;
        return {};
    }
    bool add(std::uint32_t key) {
        if (count_ == tables_.size()) return false;
        tables_[count_++] = key;
        return true;
    }

    std::span<std::uint32_t> tables_;
    bool has_level_0_ = false;
    std::uint32_t count_ = 0;
};

}  // namespace kos::rootserver
