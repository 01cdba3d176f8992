// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/dynamic.hpp"

#include "loader/testing/elf_builder.hpp"
#include "loader/testing/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kos::elf {
namespace {

using namespace format;

constexpr std::uint64_t tables_address = 0x3'0000;
constexpr std::uint64_t bias = 0x70'0000'0000;

/// Bytes of a read-only segment that are put together table by table.
class Tables {
   public:
    template <class T>
    std::uint64_t add(const std::vector<T>& entries) {
        const std::uint64_t address = tables_address + bytes_.size();
        for (const T& entry : entries) {
            const Bytes part = bytes_of(entry);
            bytes_.insert(bytes_.end(), part.begin(), part.end());
        }
        return address;
    }
    [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

   private:
    std::vector<std::byte> bytes_;
};

/// The small program with these tables in a segment of their own, the dynamic section the last.
std::vector<std::byte> with_tables(const Tables& tables, std::uint64_t dynamic_address) {
    auto builder = kos::testing::small_program();
    builder.load(tables_address, pf_read, tables.bytes(), tables.bytes().size());
    const ProgramHeader load = builder.last_header();
    const std::uint64_t offset = dynamic_address - tables_address;
    builder.header({.type = pt_dynamic,
                    .offset = load.offset + offset,
                    .vaddr = dynamic_address,
                    .filesz = load.filesz - offset,
                    .memsz = load.filesz - offset});
    return builder.build();
}

struct Relocated {
    Result<std::uint64_t, Error> outcome;
    std::vector<std::byte> data;
    [[nodiscard]] std::uint64_t word(std::size_t index) const {
        return *read_at<Le64>(data, index * sizeof(Le64));
    }
};

/// Relocates the data segment's first page, whose words from 0x2'0010 on are 16 bytes of 7.
Relocated relocate_data(Bytes bytes) {
    const auto file = File::create(bytes);
    if (!file) return {Err{file.error()}, {}};
    std::vector<std::byte> data(0x1000);
    const auto content = *file->at(VirtualAddress{0x2'0010}, 16);
    std::copy(content.begin(), content.end(), data.begin() + 0x10);
    const LoadedRange range{VirtualAddress{0x2'0000} + bias, data};
    auto outcome = relocate(*file, bias, {&range, 1});
    return {std::move(outcome), std::move(data)};
}

constexpr std::uint64_t sevens = 0x0707'0707'0707'0707;

Relocated relocate_with(const std::vector<Rela>& relocations, std::uint16_t symbol_section,
                        std::uint8_t symbol_info = 0x10) {
    Tables tables;
    const std::uint64_t rela = tables.add(relocations);
    format::Symbol symbol{};
    symbol.info = symbol_info;
    symbol.shndx = symbol_section;
    symbol.value = 0x1'0000;
    const std::uint64_t symbols = tables.add(std::vector{format::Symbol{}, symbol});
    const std::uint64_t dynamic =
        tables.add(std::vector<format::Dynamic>{{dt_rela, rela},
                                                {dt_relasz, relocations.size() * sizeof(Rela)},
                                                {dt_relaent, sizeof(Rela)},
                                                {dt_symtab, symbols},
                                                {dt_null, 0}});
    return relocate_data(with_tables(tables, dynamic));
}

constexpr std::uint64_t symbol_1 = std::uint64_t{1} << 32;

TEST(RelocateTest, RelativeAndSymbolRelocationsGiveAddressesAsMapped) {
    const Relocated result = relocate_with({{0x2'0010, r_aarch64_relative, 0x1'0004},
                                            {0x2'0018, symbol_1 | r_aarch64_glob_dat, 0},
                                            {0x2'0020, symbol_1 | r_aarch64_abs64, 8},
                                            {0x2'0028, r_aarch64_none, 0}},
                                           1);
    ASSERT_TRUE(result.outcome.ok()) << describe(result.outcome.error());
    EXPECT_EQ(*result.outcome, 3u);
    EXPECT_EQ(result.word(2), bias + 0x1'0004);
    EXPECT_EQ(result.word(3), bias + 0x1'0000);
    EXPECT_EQ(result.word(4), bias + 0x1'0008);
    EXPECT_EQ(result.word(5), 0u);
}

TEST(RelocateTest, AnUndefinedSymbolIsAnErrorUnlessItIsWeak) {
    const std::vector<Rela> one{{0x2'0010, symbol_1 | r_aarch64_glob_dat, 0}};
    EXPECT_EQ(relocate_with(one, shn_undef).outcome.error(), Error::UndefinedSymbol);
    const Relocated weak = relocate_with(one, shn_undef, stb_weak << 4);
    ASSERT_TRUE(weak.outcome.ok());
    EXPECT_EQ(weak.word(2), 0u);
}

TEST(RelocateTest, RelocationsOfOtherTypesOrPlacesAreRefused) {
    constexpr std::uint64_t irelative = 1032;
    EXPECT_EQ(relocate_with({{0x2'0010, irelative, 0}}, 1).outcome.error(), Error::Relocation);
    EXPECT_EQ(relocate_with({{0x2'0ffc, r_aarch64_relative, 0}}, 1).outcome.error(),
              Error::Relocation);
    EXPECT_EQ(relocate_with({{0x2'0010, symbol_1 << 20 | r_aarch64_abs64, 0}}, 1).outcome.error(),
              Error::Symbols);
}

TEST(RelocateTest, RelrAddsTheBiasToEachWordThatItMarks) {
    Tables tables;
    // The word at 0x2'0010, then of the 63 that follow the first and the third.
    const std::uint64_t relr = tables.add(std::vector<Le64>{0x2'0010, 0b1011});
    const std::uint64_t dynamic = tables.add(std::vector<format::Dynamic>{
        {dt_relr, relr}, {dt_relrsz, 16}, {dt_relrent, 8}, {dt_null, 0}});
    const Relocated result = relocate_data(with_tables(tables, dynamic));
    ASSERT_TRUE(result.outcome.ok());
    EXPECT_EQ(*result.outcome, 3u);
    EXPECT_EQ(result.word(2), sevens + bias);
    EXPECT_EQ(result.word(3), sevens + bias);
    EXPECT_EQ(result.word(4), 0u);
    EXPECT_EQ(result.word(5), bias);
}

TEST(DynamicTest, TextRelocationsAreRefused) {
    Tables tables;
    const std::uint64_t dynamic =
        tables.add(std::vector<format::Dynamic>{{dt_flags, df_textrel}, {dt_null, 0}});
    const std::vector<std::byte> bytes = with_tables(tables, dynamic);
    EXPECT_EQ(File::create(bytes).error(), Error::TextRelocations);
}

TEST(DynamicTest, ATableOutsideTheFileIsRefused) {
    Tables tables;
    const std::uint64_t dynamic = tables.add(
        std::vector<format::Dynamic>{{dt_rela, 0x9'0000}, {dt_relasz, 24}, {dt_null, 0}});
    const std::vector<std::byte> bytes = with_tables(tables, dynamic);
    EXPECT_EQ(File::create(bytes).error(), Error::Dynamic);
}

}  // namespace
}  // namespace kos::elf
