// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The symbol table (.symtab): for crash reports, entry points by name, and mapping symbols.
#pragma once

#include "loader/elf/file.hpp"

namespace kos::elf {

struct NamedSymbol {
    std::string_view name;
    VirtualAddress address;
    std::uint64_t size;
    std::uint16_t section;
    bool is_function;
    /// `$x` and `$d`, alone or with a suffix: code or data begins here (AAELF64 §5.7).
    [[nodiscard]] bool is_code_mark() const { return is_mark('x'); }
    [[nodiscard]] bool is_data_mark() const { return is_mark('d'); }

   private:
    [[nodiscard]] bool is_mark(char letter) const {
        return name.size() >= 2 && name[0] == '$' && name[1] == letter &&
               (name.size() == 2 || name[2] == '.');
    }
};

class SymbolTable {
   public:
    /// An empty table where the file has none, as in stripped programs.
    static Result<SymbolTable, Error> create(const File& file);

    [[nodiscard]] std::uint64_t size() const { return symbols_.size() / sizeof(format::Symbol); }
    /// The symbol of that number, which is below size(). Nothing where it is undefined, absolute or
    /// its name is outside the string table.
    [[nodiscard]] std::optional<NamedSymbol> symbol(std::uint64_t number) const;
    /// The first symbol of that name.
    [[nodiscard]] std::optional<NamedSymbol> find(std::string_view name) const;

   private:
    SymbolTable(Bytes symbols, Bytes strings) : symbols_(symbols), strings_(strings) {}

    Bytes symbols_;
    Bytes strings_;
};

}  // namespace kos::elf
