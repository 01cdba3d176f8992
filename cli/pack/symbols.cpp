// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/symbols.hpp"

#include <algorithm>
#include <tuple>

namespace kos::pack {
namespace {

void append(std::vector<std::byte>& blob, Bytes bytes) {
    blob.insert(blob.end(), bytes.begin(), bytes.end());
}

/// Sorted, so that the same program gives the same bytes whatever order its table has.
std::vector<const Function*> by_address(std::span<const Function> program,
                                        std::span<const Function> libos) {
    std::vector<const Function*> functions;
    for (const Function& function : program) functions.push_back(&function);
    for (const Function& function : libos) functions.push_back(&function);
    std::sort(functions.begin(), functions.end(), [](const Function* a, const Function* b) {
        return std::tie(a->address, a->name) < std::tie(b->address, b->name);
    });
    const auto end =
        std::unique(functions.begin(), functions.end(),
                    [](const Function* a, const Function* b) { return a->address == b->address; });
    functions.erase(end, functions.end());
    return functions;
}

}  // namespace

std::vector<std::byte> symbols_blob(std::span<const Function> program,
                                    std::span<const Function> libos) {
    const std::vector<const Function*> functions = by_address(program, libos);
    const Le32 count{static_cast<std::uint32_t>(functions.size())};
    std::size_t name_offset = 2 * sizeof(Le32) + functions.size() * sizeof(manifest::Symbol);

    std::vector<std::byte> blob;
    append(blob, bytes_of(count));
    append(blob, bytes_of(Le32{}));
    for (const Function* function : functions) {
        manifest::Symbol symbol;
        symbol.address = function->address;
        symbol.size = function->size;
        symbol.name_offset = static_cast<std::uint32_t>(name_offset);
        append(blob, bytes_of(symbol));
        name_offset += function->name.size() + 1;
    }
    for (const Function* function : functions) {
        append(blob, as_bytes(std::string_view{function->name.c_str(), function->name.size() + 1}));
    }
    return blob;
}

std::vector<std::byte> undo_blob(std::span<const manifest::Undo> undo) {
    const Bytes bytes = std::as_bytes(undo);
    return {bytes.begin(), bytes.end()};
}

}  // namespace kos::pack
