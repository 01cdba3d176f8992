// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "boot/checks.hpp"

#include "lib/base/address.hpp"
#include "lib/base/checked.hpp"

namespace kos::boot {

namespace {

bool is_good(const ImageHead& head) { return head.crc == checksum_of(head); }

bool is_good(const BootTable& table) {
    return table.magic == BootTable::expected_magic && table.crc == checksum_of(table);
}

std::optional<Problem> damaged(std::string_view what, std::uint64_t found) {
    return Problem{ErrorCode::BootDamaged, what, found};
}

/// Nothing where the bytes at \p offset are those that the checksum was made of.
std::optional<Problem> check_part(Bytes flat_image, std::uint64_t offset, std::uint64_t size,
                                  std::uint32_t expected, Checksum checksum,
                                  std::string_view name) {
    const auto part = slice(flat_image, offset, size);
    if (!part) return Problem{ErrorCode::BootTable, "a part lies outside the boot image", offset};
    const std::uint32_t found = checksum(*part);
    return found == expected ? std::nullopt : damaged(name, found);
}

}  // namespace

std::optional<ConsolePlace> find_console(const ImageHead& head, const BootTable& table) {
    if (is_good(head)) {
        return ConsolePlace{static_cast<std::uint8_t>(head.uart_kind), head.uart_address};
    }
    if (is_good(table)) return ConsolePlace{table.uart_kind, table.uart_address};
    return std::nullopt;
}

std::optional<Problem> check_table(const ImageHead& head, const BootTable& table) {
    if (!is_good(head)) return Problem{ErrorCode::BootTable, "the head's checksum", head.crc};
    if (table.magic != BootTable::expected_magic) {
        return Problem{ErrorCode::BootTable, "the boot table's magic", table.magic};
    }
    if (table.version != BootTable::expected_version) {
        return Problem{ErrorCode::BootTable, "the boot table's version", table.version};
    }
    if (table.crc != checksum_of(table)) {
        return Problem{ErrorCode::BootTable, "the boot table's checksum", table.crc};
    }
    if (table.kernel_segment_count > BootTable::max_kernel_segments) {
        return Problem{ErrorCode::BootTable, "segments of the kernel", table.kernel_segment_count};
    }
    return std::nullopt;
}

std::optional<Problem> check_parts(const BootTable& table, Bytes flat_image, Checksum checksum) {
    for (std::size_t i = 0; i < table.kernel_segment_count; ++i) {
        const KernelSegment& segment = table.kernel_segments[i];
        if (const auto problem = check_part(flat_image, segment.offset, segment.file_size,
                                            table.kernel_crcs[i], checksum, "kernel: checksum")) {
            return problem;
        }
    }
    if (const auto problem =
            check_part(flat_image, table.device_tree_offset, table.device_tree_size,
                       table.device_tree_crc, checksum, "device tree: checksum")) {
        return problem;
    }
    if (const auto problem =
            check_part(flat_image, table.root_server_offset, table.root_server_size,
                       table.root_server_crc, checksum, "root server: checksum")) {
        return problem;
    }
    return check_part(flat_image, table.system_image_offset, table.system_image_size,
                      table.system_image_crc, checksum, "system image: checksum");
}

std::optional<Problem> check_processor(std::uint64_t memory_model, std::uint64_t tcr_el2) {
    constexpr std::uint64_t no_granule_4k = 0xf;
    if ((memory_model >> 28 & 0xf) == no_granule_4k) {
        return Problem{ErrorCode::BootProcessor, "it has no 4 KiB pages: ID_AA64MMFR0_EL1",
                       memory_model};
    }
    const std::uint64_t has = memory_model & 0xf, needed = tcr_el2 >> 16 & 0x7;
    if (has < needed) {
        return Problem{ErrorCode::BootProcessor,
                       "the kernel uses more bits of physical addresses: ID_AA64MMFR0_EL1",
                       memory_model};
    }
    return std::nullopt;
}

std::uint64_t first_gap(std::span<const MemoryRange> ram, std::uint64_t start, std::uint64_t end) {
    for (bool found = true; found && start < end;) {
        found = false;
        for (const MemoryRange& range : ram) {
            if (range.start <= start && start < range.end) {
                start = range.end;
                found = true;
            }
        }
    }
    return start < end ? start : end;
}

std::optional<Problem> check_memory(const BootTable& table, std::uint64_t image,
                                    std::span<const MemoryRange> ram) {
    if (ram.empty()) {
        return Problem{ErrorCode::BootDeviceTree, "it names no memory (device_type = \"memory\")"};
    }
    const std::uint64_t image_end = image + table.flat_size;
    if (const std::uint64_t gap = first_gap(ram, image, image_end); gap != image_end) {
        return Problem{ErrorCode::BootMemory,
                       "the boot image is larger than the RAM, which ends at", gap};
    }
    for (const MemoryRange& range : table.kernel_memory) {
        if (const std::uint64_t gap = first_gap(ram, range.start, range.end); gap < range.end) {
            return Problem{ErrorCode::BootMemory, "the kernel manages RAM that the board lacks, at",
                           gap};
        }
    }
    return std::nullopt;
}

}  // namespace kos::boot
