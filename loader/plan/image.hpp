// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An ELF file's segments as pages: where each lies in the VSpace and in a blob of its own.
//
// A blob holds, one after another, the pages of each segment that have bytes in the file; bytes of
// a page that the file does not give are zero. Pages that are all .bss are in no blob. A segment
// that is not written to and fills a large page lies in the blob as it does in the VSpace, modulo 2
// MiB, so that large pages can map it; what is skipped for that is zero.
#pragma once

#include "lib/base/static_vector.hpp"
#include "loader/elf/file.hpp"
#include "loader/plan/error.hpp"

namespace kos::plan {

struct PlacedSegment {
    VirtualAddress address;     ///< of its first page
    std::uint64_t size;         ///< bytes of pages in memory
    std::uint64_t blob_offset;  ///< of its first page, a multiple of the page size
    std::uint64_t blob_size;    ///< bytes of the blob, from the first page's start; at most `size`
    elf::Segment segment;       ///< as in the file

    [[nodiscard]] constexpr std::uint64_t blob_pages() const { return pages_for(blob_size); }
    [[nodiscard]] constexpr VirtualAddress end() const { return address + size; }
};

struct PlacedImage {
    std::uint64_t bias = 0;  ///< added to the file's addresses
    VirtualAddress entry;    ///< as mapped
    std::uint64_t blob_size = 0;
    VirtualAddress relro_end;  ///< as mapped; 0 where the file asks for no RELRO
    StaticVector<PlacedSegment, elf::max_segments> segments;

    [[nodiscard]] VirtualAddress start() const { return segments[0].address; }
    [[nodiscard]] VirtualAddress end() const { return segments[segments.size() - 1].end(); }
    /// Bytes [address, address + size) of a blob, addresses as mapped.
    [[nodiscard]] std::optional<MutableBytes> find(MutableBytes blob, VirtualAddress address,
                                                   std::uint64_t size) const;
};

struct Extent {
    VirtualAddress start;
    std::uint64_t size;
};
/// The large pages of the VSpace that lie wholly in [address, address + size): their size is 0
/// where there are none.
[[nodiscard]] Extent large_pages_within(VirtualAddress address, std::uint64_t size);

/// Where the first bytes of what a program writes to come from.
enum class DataFrom : std::uint8_t {
    Blob,
    Initrd,  ///< from the program's file, where libos copies them: they are in no blob
};

/// A program: where it was linked, or at native::dynamic_image_base where it is
/// position-independent. Refused where it leaves the image area.
[[nodiscard]] Result<PlacedImage, Error> place_program(const elf::File& file,
                                                       DataFrom data = DataFrom::Blob);
/// libos, at native::libos_base.
[[nodiscard]] Result<PlacedImage, Error> place_libos(const elf::File& file);

/// Copies the segments' bytes to \p blob, which is zero and `image.blob_size` bytes long.
void write_pages(const elf::File& file, const PlacedImage& image, MutableBytes blob);

/// Where the stubs of a program go: on the page behind its .bss.
[[nodiscard]] inline VirtualAddress stubs_address(const PlacedImage& program) {
    return program.end();
}

}  // namespace kos::plan
