// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Page tables, VSpaces and address-space identifiers.
//
// A VSpace's root and its tables hold the same entries as hardware would: nothing, a table of the
// next level, or a frame.
#pragma once

#include "hostsim/kernel/capability.hpp"
#include "hostsim/kernel/object.hpp"
#include "hostsim/kernel/sizes.hpp"
#include "lib/base/address.hpp"

#include <array>
#include <cstdint>

namespace kos::sim {

struct PageTable;

struct PageTableEntry {
    enum class Kind : std::uint8_t { Invalid, Table, Frame };

    Kind kind = Kind::Invalid;
    std::uint8_t rights = 0;     ///< of a frame: RightsMask
    std::uint8_t size_bits = 0;  ///< of a frame
    bool execute_never = false;
    bool cacheable = false;
    union {
        PageTable* table = nullptr;
        std::uint64_t physical;  ///< of a frame
    };
};

struct PageTable final : Object {
    PageTable() : Object(ObjectKind::PageTable) {}
    std::array<PageTableEntry, std::size_t{1} << table_index_bits> entries;
};

struct VSpace final : Object {
    VSpace() : Object(ObjectKind::VSpace) {}
    std::array<PageTableEntry, std::size_t{1} << root_index_bits> entries;
    Asid asid = 0;              ///< 0: none yet, or no longer
    void* front_end = nullptr;  ///< the front end's own
};

struct AsidPool final : Object {
    AsidPool() : Object(ObjectKind::AsidPool) {}
    std::array<VSpace*, std::size_t{1} << asids_per_pool_bits> vspaces{};
};

}  // namespace kos::sim
