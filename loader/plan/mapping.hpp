// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Makes manifest::Mapping elements.
#pragma once

#include "lib/manifest/image.hpp"
#include "loader/plan/image.hpp"

#include <cstdint>
#include <span>

namespace kos::plan {

inline constexpr std::uint8_t read_write = manifest::access::read | manifest::access::write;

/// What a segment's pages are for, by their rights.
struct Kinds {
    manifest::MappingKind text, read_only, data;
};
inline constexpr Kinds program_kinds{
    manifest::MappingKind::Text, manifest::MappingKind::ReadOnlyData, manifest::MappingKind::Data};
inline constexpr Kinds libos_kinds{manifest::MappingKind::LibosText,
                                   manifest::MappingKind::LibosReadOnlyData,
                                   manifest::MappingKind::LibosData};

[[nodiscard]] inline std::uint64_t whole_pages(std::uint64_t bytes) {
    return pages_for(bytes) * page_size;
}

/// Pages that no blob has bytes for.
[[nodiscard]] manifest::Mapping anonymous(VirtualAddress address, std::uint64_t size,
                                          manifest::MappingKind kind,
                                          manifest::MappingSource source, std::uint8_t access);
/// Bytes [offset, offset + file_size) of a blob, without a copy.
[[nodiscard]] manifest::Mapping shared(VirtualAddress address, std::uint32_t blob,
                                       std::uint64_t offset, std::uint64_t file_size,
                                       manifest::MappingKind kind, std::uint8_t access);
/// A segment's pages. Those that only the file fills are shared; what is written to, or has zeros
/// behind it, is the app's own.
[[nodiscard]] manifest::Mapping of_segment(const PlacedSegment& placed, std::uint32_t blob,
                                           const Kinds& kinds);

/// Whether the pages are the app's own, made for it.
[[nodiscard]] bool has_own_frames(const manifest::Mapping& mapping);
/// Bytes [offset, offset + size) of a segment's mapping, by pages of 2^page_bits.
[[nodiscard]] manifest::Mapping part_of(const manifest::Mapping& mapping, std::uint64_t offset,
                                        std::uint64_t size, std::uint64_t page_bits);

/// Makes a Shared mapping Direct where none of \p earlier, the mappings of the image's apps before,
/// names its blob: the first app needs no copies of the pages' capabilities.
void map_directly_if_first(manifest::Mapping& mapping, std::span<const manifest::Mapping> earlier);

}  // namespace kos::plan
