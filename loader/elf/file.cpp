// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/file.hpp"

#include "loader/elf/dynamic.hpp"

#include <algorithm>

namespace kos::elf {

namespace {

using Checked = Result<void, Error>;

Checked require(bool holds, Error error) {
    if (!holds) return Err{error};
    return {};
}

/// p_align 0 and 1 both mean no alignment.
bool is_alignment(std::uint64_t align) { return align == 0 || is_power_of_two(align); }

/// Whether [address, address + size) and the pages that hold it do not wrap.
bool is_address_range(std::uint64_t address, std::uint64_t size) {
    const auto end = checked_add(address, size);
    return end && align_up(*end, page_size);
}

bool is_code(std::span<const Segment> segments, VirtualAddress address) {
    return std::any_of(segments.begin(), segments.end(), [&](const Segment& segment) {
        return segment.executable && segment.contains(address, 1);
    });
}

Checked check_ident(const format::FileHeader& header) {
    KOS_TRY(require(std::equal(format::magic.begin(), format::magic.end(), header.ident.begin()),
                    Error::Magic));
    return require(header.ident[format::ident_class] == format::class_64 &&
                       header.ident[format::ident_data] == format::data_little_endian &&
                       header.ident[format::ident_version] == format::version_current,
                   Error::Format);
}

}  // namespace

Result<File, Error> File::create(Bytes bytes) {
    File file{bytes};
    KOS_TRY(file.read_header());
    KOS_TRY(file.read_program_headers());
    KOS_TRY(file.check_placement());
    const DynamicTables tables = KOS_TRY(read_dynamic(file));
    KOS_TRY(require(!tables.text_relocations, Error::TextRelocations));
    return file;
}

Checked File::read_header() {
    const auto header = read_at<format::FileHeader>(bytes_, 0);
    KOS_TRY(require(header.has_value(), Error::Truncated));
    KOS_TRY(check_ident(*header));
    KOS_TRY(require(header->machine == format::em_aarch64, Error::Machine));
    KOS_TRY(
        require(header->type == format::et_exec || header->type == format::et_dyn, Error::Type));
    position_independent_ = header->type == format::et_dyn;
    entry_ = VirtualAddress{header->entry};

    program_headers_offset_ = header->phoff;
    program_header_count_ = header->phnum;
    KOS_TRY(require(
        program_header_count_ != 0 && program_header_count_ != format::pn_xnum &&
            header->phentsize == sizeof(format::ProgramHeader) &&
            range_within(program_headers_offset_,
                         program_header_count_ * sizeof(format::ProgramHeader), bytes_.size()),
        Error::ProgramHeaders));

    const bool has_sections =
        header->shentsize == sizeof(format::SectionHeader) &&
        range_within(header->shoff, header->shnum * sizeof(format::SectionHeader), bytes_.size());
    sections_offset_ = header->shoff;
    section_count_ = has_sections ? std::uint16_t{header->shnum} : std::uint16_t{0};
    return {};
}

Checked File::read_program_headers() {
    for (std::uint16_t number = 0; number < program_header_count_; ++number) {
        KOS_TRY(read_program_header(program_header(number)));
    }
    return require(!segments_.empty(), Error::NoSegments);
}

Checked File::read_program_header(const format::ProgramHeader& header) {
    switch (header.type) {
        case format::pt_load:
            return add_segment(header);
        case format::pt_interp:
            return add_interpreter(header);
        case format::pt_tls:
            tls_ = TlsTemplate{VirtualAddress{header.vaddr}, header.filesz, header.memsz,
                               header.align};
            return {};
        case format::pt_gnu_relro:
            relro_ = Range{VirtualAddress{header.vaddr}, header.memsz};
            return {};
        case format::pt_gnu_stack:
            return require((header.flags & format::pf_execute) == 0, Error::ExecutableStack);
        case format::pt_dynamic: {
            const auto table = slice(bytes_, header.offset, header.filesz);
            KOS_TRY(require(table.has_value(), Error::Dynamic));
            dynamic_ = *table;
            return {};
        }
        case format::pt_note:
            return require(range_within(header.offset, header.filesz, bytes_.size()),
                           Error::SegmentBounds);
        default:
            return {};
    }
}

Checked File::add_segment(const format::ProgramHeader& header) {
    if (header.memsz == 0 && header.filesz == 0) return {};
    KOS_TRY(require(
        header.filesz <= header.memsz && range_within(header.offset, header.filesz, bytes_.size()),
        Error::SegmentBounds));
    KOS_TRY(require(is_address_range(header.vaddr, header.memsz), Error::SegmentAddress));
    const std::uint64_t align = std::max<std::uint64_t>(header.align, 1);
    KOS_TRY(require(is_alignment(header.align) && is_aligned(header.vaddr - header.offset, align),
                    Error::SegmentAlignment));
    const Segment segment{
        .address = VirtualAddress{header.vaddr},
        .memory_size = header.memsz,
        .file_offset = header.offset,
        .file_size = header.filesz,
        .alignment = align,
        .readable = (header.flags & format::pf_read) != 0,
        .writable = (header.flags & format::pf_write) != 0,
        .executable = (header.flags & format::pf_execute) != 0,
    };
    KOS_TRY(require(!(segment.writable && segment.executable), Error::WriteExecute));
    if (!segments_.empty()) {
        const Segment& before = segments_[segments_.size() - 1];
        KOS_TRY(require(segment.address >= before.end(), Error::SegmentOrder));
        KOS_TRY(require(segment.first_page() >= before.page_end(), Error::SharedPage));
    }
    alignment_ = std::max(alignment_, align);
    return require(segments_.push_back(segment), Error::TooManySegments);
}

Checked File::add_interpreter(const format::ProgramHeader& header) {
    const auto name = slice(bytes_, header.offset, header.filesz);
    KOS_TRY(require(name && name->size() >= 2 && name->back() == std::byte{0}, Error::Interpreter));
    interpreter_ = as_text(name->first(name->size() - 1));
    return {};
}

/// What depends on the segments, wherever in the table they stand.
Checked File::check_placement() const {
    const auto segments = segments_.items();
    KOS_TRY(require(is_code(segments, entry_), Error::Entry));
    if (tls_) {
        KOS_TRY(require(tls_->file_size <= tls_->memory_size && is_alignment(tls_->alignment) &&
                            is_address_range(tls_->address.value(), tls_->memory_size) &&
                            (tls_->file_size == 0 || at(tls_->address, tls_->file_size)),
                        Error::Tls));
    }
    if (relro_ && relro_->size != 0) {
        const bool covered =
            std::any_of(segments.begin(), segments.end(), [this](const Segment& segment) {
                // Linkers round the range up to a page, which the segment's memory need not fill.
                return segment.writable && relro_->address >= segment.address &&
                       range_within(relro_->address - segment.address, relro_->size,
                                    segment.page_end() - segment.address);
            });
        KOS_TRY(require(covered, Error::Relro));
    }
    return {};
}

format::ProgramHeader File::program_header(std::uint16_t number) const {
    const auto header = read_at<format::ProgramHeader>(
        bytes_, program_headers_offset_ + number * sizeof(format::ProgramHeader));
    if (!header || number >= program_header_count_) panic("elf::File: no such program header");
    return *header;
}

std::optional<VirtualAddress> File::program_headers_address() const {
    const std::uint64_t size = program_header_count_ * sizeof(format::ProgramHeader);
    for (const Segment& segment : segments_) {
        if (program_headers_offset_ >= segment.file_offset &&
            range_within(program_headers_offset_ - segment.file_offset, size, segment.file_size)) {
            return segment.address + (program_headers_offset_ - segment.file_offset);
        }
    }
    return std::nullopt;
}

format::SectionHeader File::section(std::uint16_t number) const {
    const auto header = read_at<format::SectionHeader>(
        bytes_, sections_offset_ + number * sizeof(format::SectionHeader));
    if (!header || number >= section_count_) panic("elf::File: no such section");
    return *header;
}

std::optional<Bytes> File::at(VirtualAddress address, std::uint64_t size) const {
    for (const Segment& segment : segments_) {
        if (address < segment.address) continue;
        const std::uint64_t offset = address - segment.address;
        if (range_within(offset, size, segment.file_size)) {
            return slice(bytes_, segment.file_offset + offset, size);
        }
    }
    return std::nullopt;
}

}  // namespace kos::elf
