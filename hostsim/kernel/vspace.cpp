// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/vspace.hpp"

namespace kos::sim {

namespace {

using Kind = PageTableEntry::Kind;

constexpr Asid pool_mask = (1u << asids_per_pool_bits) - 1;

std::size_t pool_number(Asid asid) { return asid >> asids_per_pool_bits; }

constexpr Word mask(unsigned bits) { return (Word{1} << bits) - 1; }

void announce_unmapped(const State& state, VSpace& vspace, Word address, unsigned bits) {
    if (state.hooks.vspaces == nullptr) return;
    state.hooks.vspaces->unmapped(vspace, VirtualAddress{address & ~mask(bits)}, Word{1} << bits);
}

}  // namespace

VSpace* find_vspace(const State& state, Asid asid) {
    const AsidPool* pool = state.asid_table[pool_number(asid)];
    return pool == nullptr ? nullptr : pool->vspaces[asid & pool_mask];
}

WalkEnd walk(VSpace& vspace, Word address) {
    unsigned bits_left = huge_page_bits;
    PageTableEntry* entry = &vspace.entries[(address >> bits_left) & mask(root_index_bits)];
    while (entry->kind == Kind::Table) {
        bits_left -= table_index_bits;
        entry = &entry->table->entries[(address >> bits_left) & mask(table_index_bits)];
    }
    return {entry, bits_left};
}

Mapping mapping_of(const PageTableEntry& frame) {
    const bool readable = (frame.rights & RightsMask::read) != 0;
    return {.physical = PhysicalAddress{frame.physical},
            .size_bits = frame.size_bits,
            .readable = readable,
            .writable = (frame.rights & RightsMask::write) != 0,
            .executable = readable && !frame.execute_never,
            .cacheable = frame.cacheable};
}

void map_frame(const State& state, VSpace& vspace, Word address, PageTableEntry& place,
               const PageTableEntry& frame) {
    place = frame;
    if (state.hooks.vspaces == nullptr) return;
    state.hooks.vspaces->mapped(vspace, VirtualAddress{address}, mapping_of(frame));
}

void unmap_frame(const State& state, const Capability& frame) {
    VSpace* vspace = find_vspace(state, frame.asid);
    if (vspace == nullptr) return;
    const WalkEnd end = walk(*vspace, frame.word);
    if (end.bits_left != frame.size_bits || end.entry->kind != Kind::Frame ||
        end.entry->physical != frame.address.value()) {
        return;
    }
    *end.entry = {};
    announce_unmapped(state, *vspace, frame.word, end.bits_left);
}

void unmap_page_table(const State& state, const Capability& table) {
    VSpace* vspace = find_vspace(state, table.asid);
    if (vspace == nullptr) return;
    const Word address = table.word;
    unsigned bits = huge_page_bits;
    PageTableEntry* entry = &vspace->entries[(address >> bits) & mask(root_index_bits)];
    while (entry->kind == Kind::Table && entry->table != table.object) {
        bits -= table_index_bits;
        entry = &entry->table->entries[(address >> bits) & mask(table_index_bits)];
    }
    if (entry->kind != Kind::Table) return;
    *entry = {};
    announce_unmapped(state, *vspace, address, bits);
}

void assign_asid(AsidPool& pool, Asid asid, VSpace& vspace) {
    pool.vspaces[asid & pool_mask] = &vspace;
    vspace.asid = asid;
}

void delete_asid(const State& state, Asid asid, VSpace& vspace) {
    AsidPool* pool = state.asid_table[pool_number(asid)];
    if (pool == nullptr || pool->vspaces[asid & pool_mask] != &vspace) return;
    pool->vspaces[asid & pool_mask] = nullptr;
    vspace.asid = 0;
    if (state.hooks.vspaces != nullptr) {
        state.hooks.vspaces->unmapped(vspace, VirtualAddress{0}, user_top + 1);
    }
}

void delete_asid_pool(State& state, AsidPool& pool, Asid first) {
    AsidPool*& place = state.asid_table[pool_number(first)];
    if (place != &pool) return;
    for (VSpace* vspace : pool.vspaces) {
        if (vspace != nullptr) delete_asid(state, vspace->asid, *vspace);
    }
    place = nullptr;
}

}  // namespace kos::sim
