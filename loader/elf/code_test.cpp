// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/code.hpp"

#include "loader/elf/symbols.hpp"
#include "loader/testing/elf_builder.hpp"
#include "loader/testing/samples.hpp"

#include <gtest/gtest.h>

namespace kos::elf {
namespace {

using namespace format;
using kos::testing::nop;

/// A text segment of 16 instructions at 0x1'0000.
kos::testing::ElfBuilder long_text() {
    kos::testing::ElfBuilder builder;
    builder.load(0x1'0000, pf_read | pf_execute,
                 kos::testing::code_of(std::vector<std::uint32_t>(16, nop)), 64);
    builder.file_header().entry = 0x1'0000;
    return builder;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_of(
    const kos::testing::ElfBuilder& builder) {
    const std::vector<std::byte> bytes = builder.build();
    const File file = std::move(File::create(bytes)).value();
    std::vector<std::pair<std::uint64_t, std::uint64_t>> result;
    const std::vector<Range> ranges = std::move(code_ranges(file)).value();
    for (const Range& range : ranges) {
        result.emplace_back(range.address.value(), range.size);
    }
    return result;
}

using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

TEST(CodeRangesTest, WithoutSectionsAnExecutableSegmentIsAllCode) {
    EXPECT_EQ(ranges_of(long_text()), (Ranges{{0x1'0000, 64}}));
}

TEST(CodeRangesTest, WithSectionsOnlyExecutableOnesAreCode) {
    auto builder = long_text();
    builder.section(0x1'0010, 16, shf_alloc | shf_execinstr).section(0x1'0020, 16, shf_alloc);
    EXPECT_EQ(ranges_of(builder), (Ranges{{0x1'0010, 16}}));
}

TEST(CodeRangesTest, WhatMappingSymbolsMarkAsDataIsLeftOut) {
    auto builder = long_text();
    builder.section(0x1'0000, 64, shf_alloc | shf_execinstr)
        .symbol("$d", 0x1'0020, 1)
        .symbol("$x", 0x1'0000, 1)
        .symbol("$x.7", 0x1'002a, 1)
        .symbol("$data", 0x1'0004, 1);
    EXPECT_EQ(ranges_of(builder), (Ranges{{0x1'0000, 0x20}, {0x1'002c, 0x14}}));
}

TEST(CodeRangesTest, ASectionOutsideTheExecutableSegmentsCountsForNothing) {
    auto builder = long_text();
    builder.section(0x1'0030, 0x1000, shf_alloc | shf_execinstr)
        .section(0x9'0000, 64, shf_alloc | shf_execinstr);
    EXPECT_EQ(ranges_of(builder), (Ranges{{0x1'0030, 16}}));
}

TEST(SymbolTableTest, SymbolsAreFoundByName) {
    auto builder = long_text();
    builder.section(0x1'0000, 64, shf_alloc | shf_execinstr).symbol("start", 0x1'0008, 1);
    const std::vector<std::byte> bytes = builder.build();
    const File file = std::move(File::create(bytes)).value();
    const auto table = SymbolTable::create(file);
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(table->find("start")->address, VirtualAddress{0x1'0008});
    EXPECT_FALSE(table->find("stop").has_value());
}

TEST(SymbolTableTest, ARealProgramsMainIsAFunctionInItsCode) {
    const std::vector<std::byte> bytes = kos::testing::sample("static");
    const File file = std::move(File::create(bytes)).value();
    const auto main = SymbolTable::create(file)->find("main");
    ASSERT_TRUE(main.has_value());
    EXPECT_TRUE(main->is_function);
    bool found = false;
    const std::vector<Range> ranges = std::move(code_ranges(file)).value();
    for (const Range& range : ranges) {
        found |= main->address >= range.address && main->address - range.address < range.size;
    }
    EXPECT_TRUE(found);
}

}  // namespace
}  // namespace kos::elf
