// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Source: Arm Architecture Reference Manual (DDI 0487), D8: VMSAv8-64, EL2, 4 KiB granule, and the
// seL4 kernel's own expectations of TCR_EL2 and of the MAIR_EL2 indices that it uses.
#include "boot/mmu.hpp"

#include "lib/base/address.hpp"

#include <cstdint>
#include <cstring>

namespace kos::boot {

namespace {

using Entry = std::uint64_t;
constexpr std::size_t entries = 512;
constexpr std::uint64_t gigabyte = std::uint64_t{1} << 30;

constexpr Entry valid = 1, table_bit = 2, access_flag = 1u << 10, inner_shareable = 3u << 8;
constexpr Entry execute_never = Entry{1} << 54;
// Indices into MAIR_EL2 as seL4's mappings use them.
constexpr Entry device_index = 0u << 2, normal_index = 4u << 2;
constexpr Entry normal_block = valid | access_flag | inner_shareable | normal_index;
constexpr Entry device_block = valid | access_flag | execute_never | device_index;

struct alignas(page_size) Table {
    Entry entry[entries];
};
Table level0, identity_level1, kernel_level1, kernel_level2;

Entry table_at(const Table& table) {
    return reinterpret_cast<std::uint64_t>(&table) | table_bit | valid;
}

bool is_normal(const BootTable& table, std::size_t number) {
    return (table.normal_memory[number / 64] >> (number % 64) & 1) != 0;
}

void build_tables(const BootTable& table) {
    for (std::size_t i = 0; i < entries; ++i) {
        identity_level1.entry[i] =
            i * gigabyte | (is_normal(table, i) ? normal_block : device_block);
    }
    const std::uint64_t virtual_base = table.kernel_virtual;
    const std::uint64_t physical_base = table.kernel_physical;
    const std::size_t first = virtual_base / large_page_size % entries;
    for (std::size_t i = first; i < entries; ++i) {
        kernel_level2.entry[i] = (physical_base + (i - first) * large_page_size) | normal_block;
    }
    kernel_level1.entry[virtual_base / gigabyte % entries] = table_at(kernel_level2);
    level0.entry[0] = table_at(identity_level1);
    level0.entry[virtual_base / (entries * gigabyte) % entries] = table_at(kernel_level1);
}

}  // namespace

void enable_mmu(const BootTable& table) {
    build_tables(table);
    constexpr std::uint64_t mmu = 1, data_cache = 1u << 2, instruction_cache = 1u << 12;
    constexpr std::uint64_t reserved_ones = 0x30c50830;  // SCTLR_EL2's RES1 bits
    asm volatile(
        "tlbi alle2\n ic iallu\n dsb sy\n"
        "msr mair_el2, %0\n msr tcr_el2, %1\n msr ttbr0_el2, %2\n isb\n"
        "msr sctlr_el2, %3\n isb\n"
        :
        : "r"(std::uint64_t{table.mair_el2}), "r"(std::uint64_t{table.tcr_el2}),
          "r"(reinterpret_cast<std::uint64_t>(&level0)),
          "r"(reserved_ones | mmu | data_cache | instruction_cache)
        : "memory");
}

void clean_caches(std::uint64_t start, std::uint64_t size) {
    constexpr std::uint64_t line = 64;  // no larger on any supported core; smaller lines cost time
    for (std::uint64_t at = align_down(start, line); at < start + size; at += line) {
        asm volatile("dc civac, %0" : : "r"(at) : "memory");
    }
    asm volatile("dsb sy\n ic ialluis\n dsb sy\n isb" : : : "memory");
}

std::uint64_t memory_model() {
    std::uint64_t value;
    asm("mrs %0, id_aa64mmfr0_el1" : "=r"(value));
    return value;
}

std::uint32_t checksum_of_memory(Bytes bytes) {
    std::uint64_t features;
    asm("mrs %0, id_aa64isar0_el1" : "=r"(features));
    const bool has_crc32 = (features >> 16 & 0xf) != 0;
    if (!has_crc32) return crc32(bytes);
    std::uint32_t value = ~0u;
    const std::size_t words = bytes.size() / sizeof(std::uint64_t);
    for (std::size_t i = 0; i < words; ++i) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + i * sizeof(word), sizeof(word));
        asm(".arch_extension crc\n crc32x %w0, %w0, %1" : "+r"(value) : "r"(word));
    }
    return crc32(bytes.subspan(words * sizeof(std::uint64_t)), ~value);
}

}  // namespace kos::boot
