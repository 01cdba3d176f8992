// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "boot/payload.hpp"

#include "boot/console.hpp"
#include "boot/mmu.hpp"
#include "lib/base/address.hpp"

#include <cstring>

namespace kos::boot {

namespace {

std::byte* at(std::uint64_t physical) { return reinterpret_cast<std::byte*>(physical); }

void place(Bytes bytes, std::uint64_t physical, std::uint64_t memory_size) {
    std::memcpy(at(physical), bytes.data(), bytes.size());
    std::memset(at(physical) + bytes.size(), 0, memory_size - bytes.size());
    clean_caches(physical, memory_size);
}

}  // namespace

void place_kernel(const BootTable& table, Bytes flat_image) {
    for (std::size_t i = 0; i < table.kernel_segment_count; ++i) {
        const KernelSegment& segment = table.kernel_segments[i];
        const auto bytes = slice(flat_image, segment.offset, segment.file_size);
        if (!bytes || segment.file_size > segment.memory_size ||
            !range_within(segment.physical_address, segment.memory_size, table.kernel_end)) {
            halt({ErrorCode::BootTable, "a segment of the kernel lies outside the image",
                  segment.offset});
        }
        place(*bytes, segment.physical_address, segment.memory_size);
    }
}

elf::File root_server_file(const BootTable& table, Bytes flat_image) {
    const auto bytes = slice(flat_image, table.root_server_offset, table.root_server_size);
    if (!bytes) halt({ErrorCode::BootTable, "the root server lies outside the boot image"});
    const auto file = elf::File::create(*bytes);
    if (!file) halt({ErrorCode::ImageCorrupt, elf::describe(file.error())});
    return *file;
}

UserImage place_root_server(const elf::File& file, std::uint64_t physical, std::uint64_t limit) {
    const std::uint64_t first = file.first_page().value();
    const std::uint64_t size = file.page_end() - file.first_page();
    if (!range_within(physical, size, limit)) {
        halt({ErrorCode::BootMemory, "the root server does not fit in RAM: its size", size});
    }
    std::memset(at(physical), 0, size);
    for (const elf::Segment& segment : file.segments()) {
        const Bytes bytes = file.bytes().subspan(segment.file_offset, segment.file_size);
        place(bytes, physical + (segment.address.value() - first), segment.memory_size);
    }
    return {physical, physical + size, physical - first, file.entry().value()};
}

}  // namespace kos::boot
