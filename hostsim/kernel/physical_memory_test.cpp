// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/physical_memory.hpp"

#include <gtest/gtest.h>

#include <array>

namespace kos::sim {
namespace {

constexpr std::uint64_t mib = 1u << 20;

PhysicalMemory two_regions() {
    const std::array regions{
        MemoryRegion{PhysicalAddress{0x900'0000}, page_size, MemoryKind::DeviceRegisters},
        MemoryRegion{PhysicalAddress{0x4000'0000}, mib, MemoryKind::OutsideRam},
        MemoryRegion{PhysicalAddress{0x6000'0000}, mib, MemoryKind::Normal}};
    return must(PhysicalMemory::create(regions), "the regions are well formed");
}

TEST(PhysicalMemoryTest, RamIsFoundByItsAddress) {
    const PhysicalMemory memory = two_regions();
    EXPECT_EQ(memory.file_offset(PhysicalAddress{0x4000'0010}), 0x10u);
    EXPECT_EQ(memory.file_offset(PhysicalAddress{0x6000'0010}), mib + 0x10);
    EXPECT_EQ(memory.bytes(PhysicalAddress{0x6000'0000}, mib).size(), mib);
}

TEST(PhysicalMemoryTest, WhatIsNotRamOfOneRegionHasNoBytes) {
    const PhysicalMemory memory = two_regions();
    EXPECT_FALSE(memory.file_offset(PhysicalAddress{0x900'0000}).has_value());
    EXPECT_FALSE(memory.file_offset(PhysicalAddress{0x5000'0000}).has_value());
    EXPECT_TRUE(memory.bytes(PhysicalAddress{0x900'0000}, 4).empty());
    EXPECT_TRUE(memory.bytes(PhysicalAddress{0x6000'0001}, mib).empty());
    EXPECT_EQ(memory.region_of(PhysicalAddress{0x900'0004})->kind, MemoryKind::DeviceRegisters);
}

TEST(PhysicalMemoryTest, ZeroingReachesExactlyTheRange) {
    const PhysicalMemory memory = two_regions();
    for (const std::uint64_t size : {std::uint64_t{256}, 128 * 1024ul}) {
        const MutableBytes bytes = memory.bytes(PhysicalAddress{0x6000'0000}, mib);
        std::fill(bytes.begin(), bytes.end(), std::byte{1});
        memory.zero(PhysicalAddress{0x6000'1000}, size);
        EXPECT_EQ(bytes[0x0fff], std::byte{1});
        EXPECT_EQ(bytes[0x1000], std::byte{0});
        EXPECT_EQ(bytes[0x1000 + size - 1], std::byte{0});
        EXPECT_EQ(bytes[0x1000 + size], std::byte{1});
    }
}

TEST(PhysicalMemoryTest, RegionsThatOverlapOrAreMisalignedAreRefused) {
    const std::array overlapping{MemoryRegion{PhysicalAddress{0x1000}, 0x2000, MemoryKind::Normal},
                                 MemoryRegion{PhysicalAddress{0x2000}, 0x1000, MemoryKind::Normal}};
    EXPECT_EQ(PhysicalMemory::create(overlapping).error(), MemoryError::Overlap);
    const std::array misaligned{MemoryRegion{PhysicalAddress{0x1000}, 0x10, MemoryKind::Normal}};
    EXPECT_EQ(PhysicalMemory::create(misaligned).error(), MemoryError::Misaligned);
}

}  // namespace
}  // namespace kos::sim
