// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/mapping.hpp"

#include <algorithm>

namespace kos::plan {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;

namespace {

std::uint8_t access_of(const elf::Segment& segment) {
    return static_cast<std::uint8_t>((segment.readable ? manifest::access::read : 0) |
                                     (segment.writable ? manifest::access::write : 0) |
                                     (segment.executable ? manifest::access::execute : 0));
}

MappingKind kind_of(const elf::Segment& segment, const Kinds& kinds) {
    if (segment.writable) return kinds.data;
    return segment.executable ? kinds.text : kinds.read_only;
}

}  // namespace

Mapping anonymous(VirtualAddress address, std::uint64_t size, MappingKind kind,
                  MappingSource source, std::uint8_t access) {
    return {.address = address.value(),
            .size = size,
            .blob_offset = {},
            .file_size = {},
            .blob = {},
            .kind = static_cast<std::uint8_t>(kind),
            .source = static_cast<std::uint8_t>(source),
            .access = access};
}

Mapping shared(VirtualAddress address, std::uint32_t blob, std::uint64_t offset,
               std::uint64_t file_size, MappingKind kind, std::uint8_t access) {
    return {.address = address.value(),
            .size = whole_pages(file_size),
            .blob_offset = offset,
            .file_size = file_size,
            .blob = blob,
            .kind = static_cast<std::uint8_t>(kind),
            .source = static_cast<std::uint8_t>(MappingSource::Shared),
            .access = access};
}

Mapping of_segment(const PlacedSegment& placed, std::uint32_t blob, const Kinds& kinds) {
    const elf::Segment& segment = placed.segment;
    Mapping mapping = shared(placed.address, blob, placed.blob_offset, placed.blob_size,
                             kind_of(segment, kinds), access_of(segment));
    mapping.size = placed.size;
    if (placed.blob_size == 0) {
        // Zeros are no code: such pages are never executable.
        const auto access = static_cast<std::uint8_t>(access_of(segment) & read_write);
        mapping = anonymous(placed.address, placed.size, kind_of(segment, kinds),
                            MappingSource::Zero, access);
    } else if (segment.writable || placed.size != whole_pages(placed.blob_size)) {
        mapping.source = static_cast<std::uint8_t>(MappingSource::Copied);
    }
    return mapping;
}

bool has_own_frames(const Mapping& mapping) {
    const auto source = static_cast<MappingSource>(mapping.source);
    return source == MappingSource::Copied || source == MappingSource::Zero;
}

Mapping part_of(const Mapping& mapping, std::uint64_t offset, std::uint64_t size,
                std::uint64_t page_bits) {
    const std::uint64_t file_size = mapping.file_size;
    Mapping part = mapping;
    part.address = mapping.address + offset;
    part.size = size;
    part.page_bits = static_cast<std::uint8_t>(page_bits);
    if (file_size <= offset) {
        // Zeros are no code, as in of_segment().
        const auto access = static_cast<std::uint8_t>(mapping.access & read_write);
        Mapping zeros =
            anonymous(VirtualAddress{part.address}, size, static_cast<MappingKind>(mapping.kind),
                      MappingSource::Zero, access);
        zeros.page_bits = part.page_bits;
        return zeros;
    }
    part.blob_offset = mapping.blob_offset + offset;
    part.file_size = std::min(file_size - offset, size);
    return part;
}

void map_directly_if_first(Mapping& mapping, std::span<const Mapping> earlier) {
    if (mapping.source != static_cast<std::uint8_t>(MappingSource::Shared)) return;
    const bool is_first = std::none_of(earlier.begin(), earlier.end(), [&](const Mapping& other) {
        return maps_image(static_cast<MappingSource>(other.source)) && other.blob == mapping.blob;
    });
    if (is_first) mapping.source = static_cast<std::uint8_t>(MappingSource::Direct);
}

}  // namespace kos::plan
