// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as an ELF file: everything that the loader reads of it stays within the bytes.
#include "loader/elf/code.hpp"
#include "loader/elf/dynamic.hpp"
#include "loader/elf/notes.hpp"
#include "loader/elf/symbols.hpp"

#include <cstdint>
#include <vector>

namespace {

using namespace kos;
using namespace kos::elf;

constexpr std::uint64_t bias = 0x70'0000'0000;
constexpr std::uint64_t largest_image = 1 << 20;

void read_notes(const File& file) {
    for (std::uint16_t number = 0; number < file.program_header_count(); ++number) {
        const format::ProgramHeader header = file.program_header(number);
        if (header.type != format::pt_note) continue;
        NoteReader reader{*slice(file.bytes(), header.offset, header.filesz), header.align};
        while (reader.next()) {
        }
    }
}

void relocate_copy(const File& file) {
    const std::uint64_t size = file.page_end() - file.first_page();
    if (size > largest_image) return;
    std::vector<std::byte> image(static_cast<std::size_t>(size));
    const LoadedRange range{file.first_page() + bias, image};
    (void)relocate(file, bias, {&range, 1});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = File::create(std::as_bytes(std::span{data, size}));
    if (!file) return 0;
    (void)file->program_headers_address();
    (void)code_ranges(*file);
    if (const auto symbols = SymbolTable::create(*file)) (void)symbols->find("main");
    read_notes(*file);
    relocate_copy(*file);
    return 0;
}
