// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Address spaces: walking and changing page tables, and the numbers (ASIDs) that make a VSpace
// usable (manual chapter 7).
#pragma once

#include "hostsim/kernel/hooks.hpp"
#include "hostsim/kernel/state.hpp"

namespace kos::sim {

/// The VSpace of that number, or nullptr.
[[nodiscard]] VSpace* find_vspace(const State& state, Asid asid);

/// Where the walk for an address ends: at a frame, or where the next table or a frame could go.
struct WalkEnd {
    PageTableEntry* entry;
    unsigned bits_left;  ///< log2 of what the entry covers
};
[[nodiscard]] WalkEnd walk(VSpace& vspace, Word address);

[[nodiscard]] Mapping mapping_of(const PageTableEntry& frame);

/// Puts `frame` at `address`; listeners hear of it.
void map_frame(const State& state, VSpace& vspace, Word address, PageTableEntry& place,
               const PageTableEntry& frame);
/// Takes away the mapping that the frame capability made, if it is still there.
void unmap_frame(const State& state, const Capability& frame);
/// Takes the table out of the VSpace that it was mapped in, if it is still there.
void unmap_page_table(const State& state, const Capability& table);

void assign_asid(AsidPool& pool, Asid asid, VSpace& vspace);
void delete_asid(const State& state, Asid asid, VSpace& vspace);
void delete_asid_pool(State& state, AsidPool& pool, Asid first);

}  // namespace kos::sim
