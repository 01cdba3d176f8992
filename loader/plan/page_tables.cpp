// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Page tables of a VSpace with 4 KiB pages: a level-2 table spans 1 GiB, a level-3 table 2 MiB.
// Mappings in ascending order touch tables in ascending order, so counting is one pass that
// remembers how far it has come.
#include "loader/plan/native.hpp"

#include <algorithm>

namespace kos::plan {

namespace {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;

constexpr std::uint64_t level_2_span_bits = 30;
constexpr std::uint64_t level_3_span_bits = 21;

/// Counts the aligned spans of 2^bits bytes that ranges in ascending order touch.
class SpanCounter {
   public:
    explicit SpanCounter(std::uint64_t bits) : bits_(bits) {}

    void add(std::uint64_t address, std::uint64_t size) {
        const std::uint64_t first = std::max(address >> bits_, next_);
        const std::uint64_t last = (address + size - 1) >> bits_;
        if (last < first) return;
        count_ += last - first + 1;
        next_ = last + 1;
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }

   private:
    std::uint64_t bits_;
    std::uint64_t next_ = 0;  ///< the lowest span not counted yet
    std::uint64_t count_ = 0;
};

/// The mmap window has a reserve in place of an exact number.
bool is_counted(const Mapping& mapping) {
    return static_cast<MappingSource>(mapping.source) != MappingSource::None &&
           static_cast<MappingKind>(mapping.kind) != MappingKind::Mmap;
}

}  // namespace

std::uint32_t count_page_tables(std::span<const Mapping> mappings) {
    SpanCounter level_2{level_2_span_bits};
    SpanCounter level_3{level_3_span_bits};
    for (const Mapping& mapping : mappings) {
        if (!is_counted(mapping)) continue;
        level_2.add(mapping.address, mapping.size);
        // Where the image lies in small frames, these are mapped in place of large pages.
        const bool may_be_small = mapping.page_bits == page_bits ||
                                  maps_image(static_cast<MappingSource>(mapping.source));
        if (may_be_small) level_3.add(mapping.address, mapping.size);
    }
    return static_cast<std::uint32_t>(level_2.count() + level_3.count());
}

}  // namespace kos::plan
