// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/program.hpp"

#include "cli/pack/elf_error.hpp"
#include "loader/elf/code.hpp"
#include "loader/elf/dynamic.hpp"
#include "loader/elf/symbols.hpp"

#include <algorithm>
#include <limits>

namespace kos::pack {
namespace {

constexpr std::string_view thread_start_symbol = "libos_thread_start";

/// Parts of the placed image's pages at addresses of the file.
std::optional<MutableBytes> pages_at(const plan::PlacedImage& image, std::vector<std::byte>& pages,
                                     const elf::Range& range) {
    return image.find(pages, range.address + image.bias, range.size);
}

std::vector<Function> functions_of(const elf::SymbolTable& symbols, std::uint64_t bias) {
    std::vector<Function> functions;
    for (std::uint64_t i = 0; i < symbols.size(); ++i) {
        const auto symbol = symbols.symbol(i);
        if (!symbol || !symbol->is_function || symbol->name.empty()) continue;
        functions.push_back({symbol->address.value() + bias,
                             static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                 symbol->size, std::numeric_limits<std::uint32_t>::max())),
                             std::string{symbol->name}});
    }
    return functions;
}

Outcome<elf::SymbolTable> symbols_of(const elf::File& file, const std::string& where) {
    auto symbols = elf::SymbolTable::create(file);
    if (!symbols) return elf_error(where, file.bytes(), symbols.error());
    return std::move(symbols).value();
}

Outcome<void> check_static(const elf::File& file, const std::string& where) {
    if (const auto interpreter = file.interpreter()) {
        return fail(ErrorCode::ElfDynamic, where,
                    "it wants the interpreter " + std::string{*interpreter});
    }
    const auto tables = elf::read_dynamic(file);
    if (!tables) return elf_error(where, file.bytes(), tables.error());
    if (tables->needs_libraries) {
        return fail(ErrorCode::ElfDynamic, where, "it needs shared libraries");
    }
    if (tables->text_relocations) {
        return elf_error(where, file.bytes(), elf::Error::TextRelocations);
    }
    return {};
}

Outcome<void> rewrite_program(const elf::File& file, const std::string& where, Program& program) {
    const auto ranges = elf::code_ranges(file);
    if (!ranges) return elf_error(where, file.bytes(), ranges.error());
    std::vector<rewrite::Code> code;
    for (const elf::Range& range : *ranges) {
        const auto bytes = pages_at(program.image, program.pages, range);
        if (!bytes) panic("code lies in a segment's file part, so in the pages");
        code.push_back({range.address + program.image.bias, *bytes});
    }
    const rewrite::Counts counts = rewrite::measure(code);
    program.stubs.resize(static_cast<std::size_t>(counts.stub_bytes()));
    program.undo.resize(counts.sites());
    const rewrite::StubArea area{plan::stubs_address(program.image), program.stubs};
    const auto rewritten = rewrite::rewrite(code, area, program.undo);
    if (!rewritten) {
        return fail(ErrorCode::ElfInvalid, where,
                    std::string{rewrite::describe(rewritten.error())});
    }
    program.rewritten = rewritten->counts;
    program.stubs.resize(static_cast<std::size_t>(rewritten->stub_bytes));
    return {};
}

}  // namespace

Outcome<Program> prepare_program(Bytes elf, const std::string& where) {
    KOS_TRY(check_no_script(elf, where));
    const auto file = elf::File::create(elf);
    if (!file) return elf_error(where, elf, file.error());
    KOS_TRY(check_static(*file, where));
    auto placed = plan::place_program(*file, plan::DataFrom::Initrd);
    if (!placed) return layout_error(where, placed.error());

    Program program;
    program.image = *placed;
    program.pages.resize(static_cast<std::size_t>(placed->blob_size));
    plan::write_pages(*file, *placed, program.pages);
    KOS_TRY(rewrite_program(*file, where, program));
    program.functions = functions_of(KOS_TRY(symbols_of(*file, where)), placed->bias);
    if (const auto headers = file->program_headers_address()) {
        program.program_headers = headers->value() + placed->bias;
    }
    program.program_header_count = file->program_header_count();
    return program;
}

Outcome<Libos> prepare_libos(Bytes elf, const std::string& where) {
    const auto file = elf::File::create(elf);
    if (!file) return elf_error(where, elf, file.error());
    auto placed = plan::place_libos(*file);
    if (!placed) return layout_error(where, placed.error());

    Libos libos;
    libos.image = *placed;
    libos.pages.resize(static_cast<std::size_t>(placed->blob_size));
    plan::write_pages(*file, *placed, libos.pages);
    std::vector<elf::LoadedRange> ranges;
    for (const plan::PlacedSegment& segment : placed->segments.items()) {
        const MutableBytes pages{libos.pages};
        ranges.push_back(
            {segment.address, pages.subspan(static_cast<std::size_t>(segment.blob_offset),
                                            static_cast<std::size_t>(segment.blob_size))});
    }
    const auto relocated = elf::relocate(*file, placed->bias, ranges);
    if (!relocated) return elf_error(where, elf, relocated.error());

    const elf::SymbolTable symbols = KOS_TRY(symbols_of(*file, where));
    const auto thread_start = symbols.find(thread_start_symbol);
    if (!thread_start) {
        return fail(ErrorCode::ElfInvalid, where,
                    "it defines no " + std::string{thread_start_symbol});
    }
    libos.start = placed->entry.value();
    libos.thread_start = thread_start->address.value() + placed->bias;
    libos.functions = functions_of(symbols, placed->bias);
    return libos;
}

}  // namespace kos::pack
