// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Builds small ELF files for tests, right by default and wrong where a test says so.
#pragma once

#include "loader/elf/format.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kos::testing {

/// The bytes of instructions, least significant byte first.
[[nodiscard]] std::vector<std::byte> code_of(const std::vector<std::uint32_t>& words);

class ElfBuilder {
   public:
    ElfBuilder();

    /// A PT_LOAD with these bytes; its file offset is chosen congruent to its address.
    ElfBuilder& load(std::uint64_t address, std::uint32_t flags, std::vector<std::byte> bytes,
                     std::uint64_t memory_size);
    /// A program header that refers to part of what is there.
    ElfBuilder& header(elf::format::ProgramHeader header);
    /// A section of the given bytes of memory; sections need the symbol table, see symbol().
    ElfBuilder& section(std::uint64_t address, std::uint64_t size, std::uint64_t flags);
    /// A symbol of section `section` (1 is the first).
    ElfBuilder& symbol(std::string name, std::uint64_t address, std::uint16_t section);

    /// For tests that spoil a field.
    elf::format::FileHeader& file_header() { return file_header_; }
    elf::format::ProgramHeader& program_header(std::size_t number) { return headers_[number]; }
    [[nodiscard]] const elf::format::ProgramHeader& last_header() const { return headers_.back(); }

    [[nodiscard]] std::vector<std::byte> build() const;

   private:
    static constexpr std::size_t headers_room = 0x1000;

    void append_sections(std::vector<std::byte>& file) const;

    elf::format::FileHeader file_header_;
    std::vector<elf::format::ProgramHeader> headers_;
    std::vector<std::byte> contents_;  ///< of the file from headers_room on
    std::vector<elf::format::SectionHeader> sections_;
    std::vector<elf::format::Symbol> symbols_;
    std::string names_;
};

/// Text at 0x1'0000 (two instructions; the entry point) and 16 bytes of data with .bss at 0x2'0010.
[[nodiscard]] ElfBuilder small_program();

inline constexpr std::uint32_t nop = 0xd503'201f;
inline constexpr std::uint32_t system_call = 0xd400'0001;

}  // namespace kos::testing
