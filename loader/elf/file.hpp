// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An ELF64 file for aarch64, checked: create() validates everything that the accessors rely on.
// Zero copy: a File refers to the bytes it was made from.
//
// Checked: file and program headers, PT_LOAD (bounds, wrap, order, alignment, W^X, no page in two
// segments), PT_TLS, PT_GNU_RELRO, PT_GNU_STACK, PT_INTERP, PT_DYNAMIC, PT_NOTE bounds, entry.
// Section headers serve tools and are optional: a table that is not wholly in the file counts as
// absent, as to the Linux kernel. Left out: e_flags, PT_GNU_PROPERTY (BTI and PAC are not
// enforced).
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/base/static_vector.hpp"
#include "loader/elf/error.hpp"
#include "loader/elf/format.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::elf {

inline constexpr std::size_t max_segments = 16;

/// A PT_LOAD segment. Addresses are the file's own, before any bias.
struct Segment {
    VirtualAddress address;
    std::uint64_t memory_size;
    std::uint64_t file_offset;
    std::uint64_t file_size;
    std::uint64_t alignment;
    bool readable, writable, executable;

    [[nodiscard]] constexpr VirtualAddress end() const { return address + memory_size; }
    [[nodiscard]] constexpr VirtualAddress first_page() const {
        return address.aligned_down(page_size);
    }
    /// Behind the last page.
    [[nodiscard]] constexpr VirtualAddress page_end() const {
        return (end() + (page_size - 1)).aligned_down(page_size);
    }
    [[nodiscard]] constexpr bool contains(VirtualAddress at, std::uint64_t size) const {
        return at >= address && range_within(at - address, size, memory_size);
    }
};

/// PT_TLS: the template that libc copies for each thread.
struct TlsTemplate {
    VirtualAddress address;
    std::uint64_t file_size, memory_size, alignment;
};

struct Range {
    VirtualAddress address;
    std::uint64_t size;
};

class File {
   public:
    static Result<File, Error> create(Bytes file);

    [[nodiscard]] Bytes bytes() const { return bytes_; }
    /// ET_DYN: may be loaded at any address.
    [[nodiscard]] bool is_position_independent() const { return position_independent_; }
    [[nodiscard]] VirtualAddress entry() const { return entry_; }
    /// Loadable segments in ascending order; at least one, none empty.
    [[nodiscard]] std::span<const Segment> segments() const { return segments_.items(); }
    /// From the first segment's first page to the last one's last: the memory image.
    [[nodiscard]] VirtualAddress first_page() const { return segments_[0].first_page(); }
    [[nodiscard]] VirtualAddress page_end() const {
        return segments_[segments_.size() - 1].page_end();
    }
    /// The largest p_align; at least the page size.
    [[nodiscard]] std::uint64_t alignment() const { return alignment_; }

    /// The program interpreter that a dynamically linked program asks for.
    [[nodiscard]] std::optional<std::string_view> interpreter() const { return interpreter_; }
    [[nodiscard]] std::optional<TlsTemplate> tls() const { return tls_; }
    [[nodiscard]] std::optional<Range> relro() const { return relro_; }
    /// PT_DYNAMIC's bytes in the file; empty where there is none.
    [[nodiscard]] Bytes dynamic() const { return dynamic_; }

    [[nodiscard]] std::uint16_t program_header_count() const { return program_header_count_; }
    [[nodiscard]] format::ProgramHeader program_header(std::uint16_t number) const;
    /// Where the program headers are in memory (AT_PHDR), if a segment holds them.
    [[nodiscard]] std::optional<VirtualAddress> program_headers_address() const;

    [[nodiscard]] std::uint16_t section_count() const { return section_count_; }
    [[nodiscard]] format::SectionHeader section(std::uint16_t number) const;

    /// The file's bytes of [address, address + size), or nothing where no segment's file part holds
    /// them all.
    [[nodiscard]] std::optional<Bytes> at(VirtualAddress address, std::uint64_t size) const;

   private:
    explicit File(Bytes bytes) : bytes_(bytes) {}
    Result<void, Error> read_header();
    Result<void, Error> read_program_headers();
    Result<void, Error> read_program_header(const format::ProgramHeader& header);
    Result<void, Error> add_segment(const format::ProgramHeader& header);
    Result<void, Error> add_interpreter(const format::ProgramHeader& header);
    Result<void, Error> check_placement() const;

    Bytes bytes_;
    VirtualAddress entry_;
    std::uint64_t program_headers_offset_ = 0;
    std::uint64_t sections_offset_ = 0;
    std::uint16_t program_header_count_ = 0;
    std::uint16_t section_count_ = 0;
    bool position_independent_ = false;
    std::uint64_t alignment_ = page_size;
    StaticVector<Segment, max_segments> segments_;
    std::optional<std::string_view> interpreter_;
    std::optional<TlsTemplate> tls_;
    std::optional<Range> relro_;
    Bytes dynamic_;
};

}  // namespace kos::elf
