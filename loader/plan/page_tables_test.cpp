// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/native.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace kos::plan {
namespace {

using manifest::Mapping;
using manifest::MappingSource;

/// Tables as the kernel would need them: one for each 1 GiB and each 2 MiB that has a small page,
/// or could have: pages of the image.
std::size_t tables_by_pages(std::span<const Mapping> mappings) {
    std::set<std::pair<unsigned, std::uint64_t>> tables;
    for (const Mapping& mapping : mappings) {
        const std::uint64_t step = std::uint64_t{1} << mapping.page_bits;
        for (std::uint64_t at = mapping.address; at < mapping.address + mapping.size; at += step) {
            tables.emplace(30, at >> 30);
            const bool of_image =
                mapping.source == static_cast<std::uint8_t>(MappingSource::Direct);
            if (mapping.page_bits == page_bits || of_image) tables.emplace(21, at >> 21);
        }
    }
    return tables.size();
}

RC_GTEST_PROP(PageTablesTest, TheCountIsThatOfAWalkOverEveryPage, ()) {
    std::vector<Mapping> mappings;
    std::uint64_t address = 0;
    for (int count = *rc::gen::inRange(0, 6); count > 0; --count) {
        const bool large = *rc::gen::arbitrary<bool>();
        const std::uint64_t bits = large ? large_page_bits : page_bits;
        const std::uint64_t gap = *rc::gen::inRange<std::uint64_t>(0, 700) << bits;
        address = *align_up<std::uint64_t>(address + gap, std::uint64_t{1} << bits);
        Mapping mapping{};
        mapping.address = address;
        mapping.size = *rc::gen::inRange<std::uint64_t>(1, 600) << bits;
        const bool of_image = *rc::gen::arbitrary<bool>();
        mapping.source =
            static_cast<std::uint8_t>(of_image ? MappingSource::Direct : MappingSource::Zero);
        mapping.page_bits = static_cast<std::uint8_t>(bits);
        address = mapping.address + mapping.size;
        mappings.push_back(mapping);
    }
    RC_ASSERT(count_page_tables(mappings) == tables_by_pages(mappings));
}

}  // namespace
}  // namespace kos::plan
