// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/boot/flat_image.hpp"

#include "boot/table.hpp"
#include "lib/base/crc32.hpp"
#include "lib/manifest/view.hpp"
#include "loader/elf/file.hpp"
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

const kernel::MemoryRange* find_range(const std::vector<kernel::MemoryRange>& ranges,
                                      std::uint64_t address) {
    const auto found = std::ranges::find_if(ranges, [&](const kernel::MemoryRange& range) {
        return range.start <= address && address < range.end;
    });
    return found == ranges.end() ? nullptr : &*found;
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
        table.kernel_crcs[i] = crc32(bytes);
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

/// The RAM that the kernel manages, and the part of it that it was itself linked into.
Outcome<void> describe_kernel_memory(const Parts& parts, boot::BootTable& table) {
    const auto& memory = parts.kernel.memory;
    const std::string where = parts.kernel.folder.string();
    if (memory.size() > boot::BootTable::max_ranges) {
        return fail(ErrorCode::KernelConfig, where, "platform_gen.json names too many ranges");
    }
    for (std::size_t i = 0; i < memory.size(); ++i) {
        table.kernel_memory[i] = {memory[i].start, memory[i].end};
    }
    const kernel::MemoryRange* own = find_range(memory, table.kernel_physical);
    if (own == nullptr) {
        return fail(ErrorCode::KernelConfig, where,
                    "the kernel is not linked into the memory that platform_gen.json names");
    }
    table.kernel_memory_start = own->start;
    table.kernel_memory_end = own->end;
    return {};
}

/// Room for the device tree between the kernel and a flat image behind it.
constexpr std::uint64_t device_tree_room = large_page_size;

/// Where the flat image is loaded: as part of the root image it lies behind the kernel.
std::uint64_t load_address_of(const Parts& parts, const boot::BootTable& table) {
    if (parts.placement == Placement::Outside) return parts.board.load_address.value();
    return *align_up<std::uint64_t>(table.kernel_end + device_tree_room, large_page_size);
}

Err<Error> too_large(const Parts& parts, std::uint64_t size, std::uint64_t room,
                     std::string_view of_what) {
    return fail(ErrorCode::ImageTooLarge, std::string{parts.board.name},
                std::to_string(size) + " bytes, and the board has room for " +
                    std::to_string(room) + " " + std::string{of_what});
}

/// The flat image stays where it is loaded: in RAM that the kernel leaves alone, or in what it
/// manages.
Outcome<void> check_room(const Parts& parts, const boot::BootTable& table, std::uint64_t start,
                         std::uint64_t size) {
    if (parts.placement == Placement::RootImage) {
        const std::uint64_t room =
            table.kernel_memory_end - std::min<std::uint64_t>(start, table.kernel_memory_end);
        if (size > room) return too_large(parts, size, room, "behind the kernel");
        return {};
    }
    for (const boards::Range& range : parts.board.memory) {
        if (start < range.start.value() || start >= range.end.value()) continue;
        std::uint64_t end = range.end.value();
        if (table.kernel_memory_start > start) {
            end = std::min<std::uint64_t>(end, table.kernel_memory_start);
        }
        if (size > end - start) return too_large(parts, size, end - start, "at its load address");
        return {};
    }
    return fail(ErrorCode::ImageTooLarge, std::string{parts.board.name},
                "there is no RAM at its load address");
}

/// The root server in the system image.
struct RootServer {
    std::uint64_t offset;  ///< of its ELF file in the system image
    std::uint64_t size;    ///< of the file
    std::uint64_t memory;  ///< bytes that it takes in memory
    std::uint64_t end;     ///< virtual address behind it
};

Outcome<RootServer> find_root_server(const manifest::ImageView& view, Bytes system_image) {
    const manifest::Blob blob = view.blob(view.header().root_server);
    const auto file = elf::File::create(*slice(system_image, blob.offset, blob.size));
    if (!file) {
        return fail(ErrorCode::ImageCorrupt, "root server",
                    std::string{elf::describe(file.error())});
    }
    const std::uint64_t memory = file->page_end() - file->first_page();
    return RootServer{blob.offset, blob.size, memory, file->page_end().value()};
}

bool shares_large_pages(const manifest::ImageView& view) {
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        const manifest::App app = view.app(number);
        for (std::uint32_t m = 0; m < app.mappings.count; ++m) {
            const manifest::Mapping mapping = view.mapping(app, m);
            if (mapping.page_bits != page_bits &&
                mapping.source == static_cast<std::uint8_t>(manifest::MappingSource::Shared)) {
                return true;
            }
        }
    }
    return false;
}

/// Slots of the root CNode beside those of the root server's image: 16 fixed ones, untypeds, extra
/// boot information, page tables, and what the root server makes before the first app.
constexpr std::uint64_t other_slots = 768;

/// The system image as part of the root server's: a slot a page, and addresses below its windows.
Outcome<void> check_root_image(const Parts& parts, const manifest::ImageView& view,
                               const RootServer& root_server, std::uint64_t slots) {
    const std::string board{parts.board.name};
    if (shares_large_pages(view)) {
        return fail(ErrorCode::Unsupported, board,
                    "apps that share large pages of a system image that is part of the root image, "
                    "which has small ones only");
    }
    const std::uint64_t bits = parts.kernel.config.number("ROOT_CNODE_SIZE_BITS");
    const std::uint64_t needed = slots + slots / 512 + other_slots;
    const std::uint64_t there = std::uint64_t{1} << std::min<std::uint64_t>(bits, 63);
    if (needed > there) {
        return fail(ErrorCode::SlotsExhausted, board,
                    "the root image takes " + std::to_string(needed) + " slots, and " +
                        std::to_string(there) + " are there (ROOT_CNODE_SIZE_BITS " +
                        std::to_string(bits) + ")");
    }
    const std::uint64_t room = manifest::root_image_limit - root_server.end;
    const std::uint64_t size = parts.system_image.size();
    if (size > room) return too_large(parts, size, room, "in the root server's address space");
    return {};
}

/// The system image on a large page; in a root image with room for the root server below.
Outcome<std::uint64_t> append_system_image(Writer& writer, const Parts& parts,
                                           boot::BootTable& table) {
    const auto view = manifest::ImageView::create(parts.system_image, parts.system_image.size());
    if (!view) {
        return fail(ErrorCode::ImageCorrupt, "system image",
                    std::string{manifest::describe(view.error())});
    }
    const RootServer root_server = KOS_TRY(find_root_server(*view, parts.system_image));
    std::uint64_t slots = root_server.memory / page_size;
    if (parts.placement == Placement::RootImage) {
        slots += pages_for(parts.system_image.size());
        KOS_TRY(check_root_image(parts, *view, root_server, slots));
        writer.pad_to(page_size);
        writer.put(writer.size() + root_server.memory, {});
    }
    writer.pad_to(large_page_size);
    table.system_image_offset = writer.append(parts.system_image);
    table.system_image_size = parts.system_image.size();
    table.system_image_crc = crc32(parts.system_image);
    table.root_server_offset = table.system_image_offset + root_server.offset;
    table.root_server_size = root_server.size;
    table.root_server_crc = crc32(*slice(parts.system_image, root_server.offset, root_server.size));
    if (parts.placement == Placement::RootImage) {
        table.root_server_place = table.system_image_offset - root_server.memory;
    }
    return slots;
}

void append_device_tree(Writer& writer, Bytes device_tree, boot::BootTable& table) {
    if (device_tree.empty()) return;
    writer.pad_to(page_size);
    table.device_tree_offset = writer.append(device_tree);
    table.device_tree_size = device_tree.size();
    table.device_tree_crc = crc32(device_tree);
}

/// The shim's head, completed: `code0`, flags and magic are its own.
void complete_head(std::vector<std::byte>& image, const Parts& parts, std::uint64_t table_offset,
                   std::uint64_t load_address) {
    auto head = *read_at<boot::ImageHead>(image, 0);
    head.text_offset = load_address - parts.board.memory.front().start.value();
    head.image_size = image.size();
    head.boot_table = table_offset;
    head.uart_address = parts.board.uart.value();
    head.uart_kind = static_cast<std::uint32_t>(parts.board.uart_kind);
    head.crc = boot::checksum_of(head);
    std::memcpy(image.data(), &head, sizeof(head));
}

}  // namespace

std::string_view describe(Placement placement) {
    return placement == Placement::Outside ? "in RAM that the kernel does not manage"
                                           : "in the root server's image";
}

Outcome<Placement> choose_placement(const boards::Board& board, const kernel::Install& kernel,
                                    std::optional<Placement> wanted) {
    const bool is_managed = find_range(kernel.memory, board.load_address.value()) != nullptr;
    if (wanted == Placement::Outside && is_managed) {
        return fail(ErrorCode::Unsupported, std::string{board.name},
                    "the kernel manages the RAM that the system image would lie in");
    }
    return wanted.value_or(is_managed ? Placement::RootImage : Placement::Outside);
}

Outcome<FlatImage> write_flat_image(const Parts& parts) {
    boot::BootTable table;
    describe_board(parts, table);

    Writer writer;
    KOS_TRY(append_shim(writer, parts.shim_elf));
    const std::uint64_t table_offset = writer.size();
    writer.put(table_offset, bytes_of(table));
    writer.pad_to(page_size);
    KOS_TRY(append_kernel(writer, parts, table));
    KOS_TRY(describe_kernel_memory(parts, table));
    append_device_tree(writer, parts.device_tree, table);
    const std::uint64_t slots = KOS_TRY(append_system_image(writer, parts, table));
    writer.pad_to(page_size);
    table.flat_size = writer.size();
    const std::uint64_t load_address = load_address_of(parts, table);
    KOS_TRY(check_room(parts, table, load_address, writer.size()));

    table.crc = boot::checksum_of(table);
    writer.put(table_offset, bytes_of(table));
    FlatImage image{writer.take(), load_address, slots};
    complete_head(image.bytes, parts, table_offset, load_address);
    return image;
}

}  // namespace kos::boot_image
