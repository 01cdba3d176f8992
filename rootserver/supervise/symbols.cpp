// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/symbols.hpp"

#include "lib/manifest/image.hpp"

namespace kos::rootserver {

namespace {

constexpr std::uint64_t table_offset = 8;  // behind the count and a zero

std::optional<manifest::Symbol> symbol_at(Bytes blob, std::uint64_t index) {
    return read_at<manifest::Symbol>(blob, table_offset + index * sizeof(manifest::Symbol));
}

std::optional<std::string_view> name_at(Bytes blob, std::uint64_t offset) {
    if (offset >= blob.size()) return std::nullopt;
    const std::string_view rest = as_text(blob.subspan(static_cast<std::size_t>(offset)));
    return rest.substr(0, rest.find('\0'));
}

}  // namespace

std::optional<NearestSymbol> nearest_symbol(Bytes blob, VirtualAddress address) {
    std::uint64_t low = 0;  // symbols below are at or below the address, those from high on are not
    std::uint64_t high = read_at<Le32>(blob, 0).value_or(Le32{0});
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto symbol = symbol_at(blob, middle);
        if (!symbol) return std::nullopt;
        (symbol->address <= address.value() ? low : high) =
            symbol->address <= address.value() ? middle + 1 : middle;
    }
    if (low == 0) return std::nullopt;
    const auto symbol = symbol_at(blob, low - 1);
    const auto name = symbol ? name_at(blob, symbol->name_offset) : std::nullopt;
    if (!name) return std::nullopt;
    return NearestSymbol{*name, address.value() - symbol->address};
}

}  // namespace kos::rootserver
