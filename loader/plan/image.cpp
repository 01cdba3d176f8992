// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/image.hpp"

#include "lib/native/address_space.hpp"

#include <algorithm>

namespace kos::plan {

namespace {

/// Where an image may lie.
struct Area {
    VirtualAddress start, limit;
    Problem problem;  ///< when it does not fit
};

/// Pages of the file part, from the segment's first page on.
PlacedSegment place_segment(const elf::Segment& segment, std::uint64_t bias,
                            std::uint64_t blob_offset) {
    const std::uint64_t gap = segment.address - segment.first_page();
    return {
        .address = segment.first_page() + bias,
        .size = segment.page_end() - segment.first_page(),
        .blob_offset = blob_offset,
        .blob_size = segment.file_size == 0 ? 0 : gap + segment.file_size,
        .segment = segment,
    };
}

/// Whether the segment's pages can be the image's own and fill a large page of the VSpace.
bool fills_large_page(const PlacedSegment& placed) {
    return !placed.segment.writable && placed.blob_pages() * page_size == placed.size &&
           large_pages_within(placed.address, placed.size).size != 0;
}

PlacedImage place_segments(const elf::File& file, std::uint64_t bias, DataFrom data) {
    PlacedImage image;
    image.bias = bias;
    image.entry = file.entry() + bias;
    if (const auto relro = file.relro()) image.relro_end = relro->address + relro->size + bias;
    for (const elf::Segment& segment : file.segments()) {
        PlacedSegment placed = place_segment(segment, bias, image.blob_size);
        if (segment.writable && data == DataFrom::Initrd) placed.blob_size = 0;
        if (fills_large_page(placed)) {
            const std::uint64_t ahead = placed.address.value() - placed.blob_offset;
            placed.blob_offset += ahead % large_page_size;
        }
        if (!image.segments.push_back(placed)) panic("place: more segments than a file has");
        image.blob_size = placed.blob_offset + placed.blob_pages() * page_size;
    }
    return image;
}

Result<PlacedImage, Error> place_in(const elf::File& file, Area area, DataFrom data) {
    const std::uint64_t size = file.page_end() - file.first_page();
    if (!file.is_position_independent()) {
        if (file.first_page() < area.start || file.page_end() > area.limit) {
            return Err{Error{area.problem, file.first_page(), size}};
        }
        return place_segments(file, 0, data);
    }
    if (!area.start.is_aligned(file.alignment())) {
        return Err{Error{Problem::Alignment, area.start, file.alignment()}};
    }
    // The bias is a multiple of every alignment, so that addresses stay congruent.
    const VirtualAddress base = file.first_page().aligned_down(file.alignment());
    if (file.page_end() - base > area.limit - area.start) {
        return Err{Error{area.problem, area.start, size}};
    }
    return place_segments(file, area.start - base, data);
}

}  // namespace

Extent large_pages_within(VirtualAddress address, std::uint64_t size) {
    const VirtualAddress start = (address + (large_page_size - 1)).aligned_down(large_page_size);
    const VirtualAddress end = (address + size).aligned_down(large_page_size);
    return start < end ? Extent{start, end - start} : Extent{start, 0};
}

std::optional<MutableBytes> PlacedImage::find(MutableBytes blob, VirtualAddress address,
                                              std::uint64_t size) const {
    for (const PlacedSegment& placed : segments) {
        if (address < placed.address) continue;
        const std::uint64_t offset = address - placed.address;
        const std::uint64_t available = placed.blob_pages() * page_size;
        if (range_within(offset, size, available) &&
            range_within(placed.blob_offset, available, blob.size())) {
            return blob.subspan(static_cast<std::size_t>(placed.blob_offset + offset),
                                static_cast<std::size_t>(size));
        }
    }
    return std::nullopt;
}

Result<PlacedImage, Error> place_program(const elf::File& file, DataFrom data) {
    const VirtualAddress start =
        file.is_position_independent() ? native::dynamic_image_base : native::lowest_address;
    return place_in(file, {start, native::image_limit, Problem::OutsideImageArea}, data);
}

Result<PlacedImage, Error> place_libos(const elf::File& file) {
    return place_in(file, {native::libos_base, native::libos_limit, Problem::OutsideLibosArea},
                    DataFrom::Blob);
}

void write_pages(const elf::File& file, const PlacedImage& image, MutableBytes blob) {
    for (const PlacedSegment& placed : image.segments) {
        const elf::Segment& segment = placed.segment;
        if (placed.blob_size == 0) continue;
        const auto from = slice(file.bytes(), segment.file_offset, segment.file_size);
        const auto to = image.find(blob, segment.address + image.bias, segment.file_size);
        if (!from || !to) panic("write_pages: the blob is smaller than the image states");
        std::copy(from->begin(), from->end(), to->begin());
    }
}

}  // namespace kos::plan
