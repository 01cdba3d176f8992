// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/testing/elf_builder.hpp"

#include "lib/base/bytes.hpp"

#include <algorithm>
#include <cstring>

namespace kos::testing {

namespace {

using namespace elf::format;

constexpr std::uint64_t page = 0x1000;

template <class T>
void append(std::vector<std::byte>& to, const T& value) {
    const Bytes bytes = bytes_of(value);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

template <class T>
void append_all(std::vector<std::byte>& to, const std::vector<T>& values) {
    for (const T& value : values) append(to, value);
}

}  // namespace

std::vector<std::byte> code_of(const std::vector<std::uint32_t>& words) {
    std::vector<std::byte> bytes;
    for (const std::uint32_t word : words) append(bytes, Le32{word});
    return bytes;
}

ElfBuilder::ElfBuilder() {
    std::copy(magic.begin(), magic.end(), file_header_.ident.begin());
    file_header_.ident[ident_class] = class_64;
    file_header_.ident[ident_data] = data_little_endian;
    file_header_.ident[ident_version] = version_current;
    file_header_.type = et_dyn;
    file_header_.machine = em_aarch64;
    file_header_.version = version_current;
    file_header_.phoff = sizeof(FileHeader);
    file_header_.ehsize = sizeof(FileHeader);
    file_header_.phentsize = sizeof(ProgramHeader);
    file_header_.shentsize = sizeof(SectionHeader);
    sections_.emplace_back();
    symbols_.emplace_back();
    names_.push_back('\0');
}

ElfBuilder& ElfBuilder::load(std::uint64_t address, std::uint32_t flags,
                             std::vector<std::byte> bytes, std::uint64_t memory_size) {
    const std::uint64_t end = (contents_.size() + page - 1) / page * page;
    contents_.resize(end + address % page);
    const std::uint64_t offset = headers_room + contents_.size();
    contents_.insert(contents_.end(), bytes.begin(), bytes.end());
    return header({.type = pt_load,
                   .flags = flags,
                   .offset = offset,
                   .vaddr = address,
                   .paddr = address,
                   .filesz = bytes.size(),
                   .memsz = memory_size,
                   .align = page});
}

ElfBuilder& ElfBuilder::header(ProgramHeader header) {
    headers_.push_back(header);
    return *this;
}

ElfBuilder& ElfBuilder::section(std::uint64_t address, std::uint64_t size, std::uint64_t flags) {
    SectionHeader section{};
    section.type = 1;  // SHT_PROGBITS
    section.flags = flags;
    section.addr = address;
    section.size = size;
    sections_.push_back(section);
    return *this;
}

ElfBuilder& ElfBuilder::symbol(std::string name, std::uint64_t address, std::uint16_t section) {
    Symbol symbol{};
    symbol.name = static_cast<std::uint32_t>(names_.size());
    symbol.shndx = section;
    symbol.value = address;
    symbols_.push_back(symbol);
    names_.append(name).push_back('\0');
    return *this;
}

/// Symbols, names, section headers: the symbol table's section is the last but one.
void ElfBuilder::append_sections(std::vector<std::byte>& file) const {
    std::vector<SectionHeader> sections = sections_;
    SectionHeader symbols{};
    symbols.type = sht_symtab;
    symbols.offset = file.size();
    symbols.size = symbols_.size() * sizeof(Symbol);
    symbols.entsize = sizeof(Symbol);
    symbols.link = static_cast<std::uint32_t>(sections.size() + 1);
    append_all(file, symbols_);
    SectionHeader names{};
    names.type = 3;  // SHT_STRTAB
    names.offset = file.size();
    names.size = names_.size();
    for (const char letter : names_) file.push_back(static_cast<std::byte>(letter));
    sections.push_back(symbols);
    sections.push_back(names);

    FileHeader header = file_header_;
    header.phnum = static_cast<std::uint16_t>(headers_.size());
    header.shoff = file.size();
    header.shnum = static_cast<std::uint16_t>(sections.size());
    append_all(file, sections);
    std::memcpy(file.data(), &header, sizeof(header));
}

std::vector<std::byte> ElfBuilder::build() const {
    FileHeader header = file_header_;
    if (header.phnum == 0) header.phnum = static_cast<std::uint16_t>(headers_.size());
    std::vector<std::byte> file;
    append(file, header);
    append_all(file, headers_);
    file.resize(headers_room);
    file.insert(file.end(), contents_.begin(), contents_.end());
    if (sections_.size() > 1) append_sections(file);
    return file;
}

ElfBuilder small_program() {
    ElfBuilder builder;
    builder.load(0x1'0000, pf_read | pf_execute, code_of({nop, system_call}), 8)
        .load(0x2'0010, pf_read | pf_write, std::vector<std::byte>(16, std::byte{7}), 0x2000);
    builder.file_header().entry = 0x1'0000;
    return builder;
}

}  // namespace kos::testing
