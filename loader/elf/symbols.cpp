// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/symbols.hpp"

namespace kos::elf {

namespace {

constexpr std::uint8_t type_mask = 0xf;
constexpr std::uint8_t stt_func = 2;
/// Numbers from here on name no section (absolute, common, extended).
constexpr std::uint16_t shn_loreserve = 0xff00;

std::optional<Bytes> contents(const File& file, const format::SectionHeader& section) {
    return slice(file.bytes(), section.offset, section.size);
}

std::optional<std::string_view> name_at(Bytes strings, std::uint64_t offset) {
    if (offset >= strings.size()) return std::nullopt;
    const std::string_view rest = as_text(strings).substr(static_cast<std::size_t>(offset));
    const std::size_t end = rest.find('\0');
    if (end == rest.npos) return std::nullopt;
    return rest.substr(0, end);
}

}  // namespace

Result<SymbolTable, Error> SymbolTable::create(const File& file) {
    for (std::uint16_t number = 0; number < file.section_count(); ++number) {
        const format::SectionHeader section = file.section(number);
        if (section.type != format::sht_symtab) continue;
        const auto symbols = contents(file, section);
        if (!symbols || section.entsize != sizeof(format::Symbol) ||
            symbols->size() % sizeof(format::Symbol) != 0 || section.link >= file.section_count()) {
            return Err{Error::Symbols};
        }
        const auto strings = contents(file, file.section(static_cast<std::uint16_t>(section.link)));
        if (!strings) return Err{Error::Symbols};
        return SymbolTable{*symbols, *strings};
    }
    return SymbolTable{{}, {}};
}

std::optional<NamedSymbol> SymbolTable::symbol(std::uint64_t number) const {
    const auto symbol = read_at<format::Symbol>(symbols_, number * sizeof(format::Symbol));
    if (!symbol || symbol->shndx == format::shn_undef || symbol->shndx >= shn_loreserve) {
        return std::nullopt;
    }
    const auto name = name_at(strings_, symbol->name);
    if (!name) return std::nullopt;
    return NamedSymbol{*name, VirtualAddress{symbol->value}, symbol->size, symbol->shndx,
                       (symbol->info & type_mask) == stt_func};
}

std::optional<NamedSymbol> SymbolTable::find(std::string_view name) const {
    for (std::uint64_t number = 0; number < size(); ++number) {
        const auto candidate = symbol(number);
        if (candidate && candidate->name == name) return candidate;
    }
    return std::nullopt;
}

}  // namespace kos::elf
