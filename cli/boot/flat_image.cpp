// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/boot/flat_image.hpp"

#include "boot/table.hpp"
#include "lib/base/crc32.hpp"
#include "loader/elf/format.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace kos::boot_image {

namespace {

namespace format = elf::format;

/// The MAIR_EL2 attributes behind the indices that seL4's kernel mappings use: 0 nGnRnE, 1 nGnRE,
/// 2 GRE, 3 non-cacheable, 4 write-back, 5 write-through.
constexpr std::uint64_t kernel_mair = 0x0000'aaff'440c'0400;

/// Loadable segments of an ELF file that kos trusts as much as the user does: no policy, bounds
/// only.
Outcome<std::vector<format::ProgramHeader>> load_segments(Bytes elf, const std::string& where) {
    const auto header = read_at<format::FileHeader>(elf, 0);
    if (!header || !std::ranges::equal(std::span{header->ident}.first<4>(), format::magic) ||
        header->machine != format::em_aarch64) {
        return fail(ErrorCode::ElfInvalid, where, "not an ELF file for aarch64");
    }
    std::vector<format::ProgramHeader> segments;
    for (std::uint64_t i = 0; i < header->phnum; ++i) {
        const auto segment =
            read_at<format::ProgramHeader>(elf, header->phoff + i * sizeof(format::ProgramHeader));
        if (!segment || !slice(elf, segment->offset, segment->filesz) ||
            segment->filesz > segment->memsz) {
            return fail(ErrorCode::ElfInvalid, where, "a segment lies outside the file");
        }
        if (segment->type == format::pt_load && segment->memsz != 0) segments.push_back(*segment);
    }
    if (segments.empty()) return fail(ErrorCode::ElfInvalid, where, "nothing to load");
    return segments;
}

/// The flat image as it grows.
class Writer {
   public:
    [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
    void pad_to(std::uint64_t alignment) {
        bytes_.resize(*align_up<std::uint64_t>(bytes_.size(), alignment));
    }
    std::uint64_t append(Bytes bytes) {
        const std::uint64_t offset = bytes_.size();
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return offset;
    }
    void put(std::uint64_t offset, Bytes bytes) {
        if (bytes_.size() < offset + bytes.size()) bytes_.resize(offset + bytes.size());
        std::memcpy(bytes_.data() + offset, bytes.data(), bytes.size());
    }
    std::vector<std::byte> take() { return std::move(bytes_); }

   private:
    std::vector<std::byte> bytes_;
};

/// Lays the shim out as it will be in memory, zeros included: nobody else clears its .bss.
Outcome<void> append_shim(Writer& writer, Bytes shim_elf) {
    for (const auto& segment : KOS_TRY(load_segments(shim_elf, "boot.elf"))) {
        writer.put(segment.vaddr, *slice(shim_elf, segment.offset, segment.filesz));
        writer.put(segment.vaddr + segment.memsz, {});
    }
    writer.pad_to(page_size);
    return {};
}

Outcome<void> append_kernel(Writer& writer, const Parts& parts, boot::BootTable& table) {
    const std::string where = parts.kernel.kernel_elf.string();
    const auto segments = KOS_TRY(load_segments(parts.kernel_elf, where));
    if (segments.size() > boot::BootTable::max_kernel_segments) {
        return fail(ErrorCode::ElfInvalid, where, "the kernel has too many segments");
    }
    std::uint64_t start = std::numeric_limits<std::uint64_t>::max(), end = 0;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto& segment = segments[i];
        const Bytes bytes = *slice(parts.kernel_elf, segment.offset, segment.filesz);
        table.kernel_segments[i] = {writer.append(bytes), segment.filesz, segment.memsz,
                                    segment.paddr};
        if (segment.paddr < start) {
            start = segment.paddr;
            table.kernel_virtual = segment.vaddr;
        }
        end = std::max<std::uint64_t>(end, segment.paddr + segment.memsz);
    }
    if (!is_aligned(start, large_page_size) ||
        !is_aligned<std::uint64_t>(table.kernel_virtual, large_page_size)) {
        return fail(ErrorCode::ElfInvalid, where, "the kernel is not linked on 2 MiB");
    }
    table.kernel_segment_count = static_cast<std::uint8_t>(segments.size());
    table.kernel_physical = start;
    table.kernel_end = end;
    table.kernel_entry = read_at<format::FileHeader>(parts.kernel_elf, 0)->entry;
    return {};
}

void describe_board(const Parts& parts, boot::BootTable& table) {
    constexpr std::uint64_t gigabyte = std::uint64_t{1} << 30;
    for (const boards::Range& range : parts.board.memory) {
        for (std::uint64_t at = range.start.value(); at < range.end.value(); at += gigabyte) {
            const std::uint64_t number = at / gigabyte;
            Le64& word = table.normal_memory[number / 64];
            word = word | std::uint64_t{1} << (number % 64);
        }
    }
    table.uart_kind = static_cast<std::uint8_t>(parts.board.uart_kind);
    table.uart_address = parts.board.uart.value();
    table.tcr_el2 = kernel::tcr_el2(parts.kernel.config);
    table.mair_el2 = kernel_mair;
    table.boot_time = parts.boot_time;
    table.seed = parts.seed;
    table.trace = parts.trace ? 1 : 0;
    table.abi = parts.kernel.abi;
    if (parts.board.physical_counter_traps) {
        table.abi.flags = table.abi.flags | sel4::KernelAbi::flag_virtual_counter;
    }
}

/// The RAM that the kernel manages and was itself linked into.
Outcome<void> choose_kernel_memory(const Parts& parts, boot::BootTable& table) {
    for (const auto& [start, end] : parts.kernel.memory) {
        if (start <= table.kernel_physical && table.kernel_physical < end) {
            table.kernel_memory_start = start;
            table.kernel_memory_end = end;
            return {};
        }
    }
    return fail(ErrorCode::KernelConfig, parts.kernel.folder.string(),
                "the kernel is not linked into the memory that platform_gen.json names");
}

/// The flat image stays where it is loaded, so that must be RAM that the kernel leaves alone.
Outcome<void> check_room(const Parts& parts, const boot::BootTable& table, std::uint64_t size) {
    const std::uint64_t start = parts.board.load_address.value();
    for (const boards::Range& range : parts.board.memory) {
        if (start < range.start.value() || start >= range.end.value()) continue;
        std::uint64_t end = range.end.value();
        if (table.kernel_memory_start > start) {
            end = std::min<std::uint64_t>(end, table.kernel_memory_start);
        }
        if (size <= end - start) return {};
        return fail(ErrorCode::ImageTooLarge, std::string{parts.board.name},
                    std::to_string(size) + " bytes, and the board has room for " +
                        std::to_string(end - start) + " at its load address");
    }
    return fail(ErrorCode::ImageTooLarge, std::string{parts.board.name},
                "there is no RAM at its load address");
}

}  // namespace

Outcome<std::vector<std::byte>> write_flat_image(const Parts& parts) {
    boot::BootTable table;
    describe_board(parts, table);

    Writer writer;
    KOS_TRY(append_shim(writer, parts.shim_elf));
    const std::uint64_t table_offset = writer.size();
    writer.put(table_offset, bytes_of(table));
    writer.pad_to(page_size);
    KOS_TRY(append_kernel(writer, parts, table));
    KOS_TRY(choose_kernel_memory(parts, table));
    writer.pad_to(large_page_size);
    table.system_image_offset = writer.append(parts.system_image);
    table.system_image_size = parts.system_image.size();
    writer.pad_to(page_size);
    table.flat_size = writer.size();
    KOS_TRY(check_room(parts, table, writer.size()));

    table.crc = crc32(bytes_of(table).subspan(offsetof(boot::BootTable, flat_size)));
    writer.put(table_offset, bytes_of(table));
    std::vector<std::byte> image = writer.take();
    const Le64 size{image.size()}, offset{table_offset};
    std::memcpy(image.data() + offsetof(boot::ImageHead, image_size), &size, sizeof(size));
    std::memcpy(image.data() + offsetof(boot::ImageHead, boot_table), &offset, sizeof(offset));
    return image;
}

}  // namespace kos::boot_image
