// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/dynamic.hpp"

#include <cstring>

namespace kos::elf {

namespace {

using namespace format;

/// The tags that matter, as the section gives them; absent ones are 0.
struct Tags {
    std::uint64_t rela = 0, rela_size = 0, rela_entry = sizeof(Rela);
    std::uint64_t relr = 0, relr_size = 0, relr_entry = sizeof(Le64);
    std::uint64_t jump = 0, jump_size = 0, jump_kind = dt_rela;
    std::uint64_t symbols = 0, symbol_entry = sizeof(format::Symbol);
    bool needed = false, rel = false, text_relocations = false;

    void note(const format::Dynamic& entry) {
        switch (entry.tag) {
            case dt_rela:
                rela = entry.value;
                break;
            case dt_relasz:
                rela_size = entry.value;
                break;
            case dt_relaent:
                rela_entry = entry.value;
                break;
            case dt_relr:
                relr = entry.value;
                break;
            case dt_relrsz:
                relr_size = entry.value;
                break;
            case dt_relrent:
                relr_entry = entry.value;
                break;
            case dt_jmprel:
                jump = entry.value;
                break;
            case dt_pltrelsz:
                jump_size = entry.value;
                break;
            case dt_pltrel:
                jump_kind = entry.value;
                break;
            case dt_symtab:
                symbols = entry.value;
                break;
            case dt_syment:
                symbol_entry = entry.value;
                break;
            case dt_needed:
                needed = true;
                break;
            case dt_rel:
                rel = true;
                break;
            case dt_textrel:
                text_relocations = true;
                break;
            case dt_flags:
                text_relocations |= (entry.value & df_textrel) != 0;
                break;
            default:
                break;
        }
    }
};

Result<Bytes, Error> table(const File& file, std::uint64_t address, std::uint64_t size,
                           std::uint64_t entry_size) {
    if (size == 0) return Bytes{};
    const auto bytes = file.at(VirtualAddress{address}, size);
    if (!bytes || size % entry_size != 0) return Err{Error::Dynamic};
    return *bytes;
}

/// The symbols' number is not stated (only hash tables imply it): a symbol is looked up within what
/// the file holds from the table's start on.
Result<Bytes, Error> symbols_from(const File& file, std::uint64_t address) {
    for (const Segment& segment : file.segments()) {
        const VirtualAddress start{address};
        if (!segment.contains(start, 0) || start - segment.address > segment.file_size) continue;
        const std::uint64_t offset = start - segment.address;
        const auto bytes =
            slice(file.bytes(), segment.file_offset + offset, segment.file_size - offset);
        if (bytes) return *bytes;
    }
    return Err{Error::Dynamic};
}

/// Writes words of an image that lies `bias` above the file's addresses.
class Relocator {
   public:
    Relocator(const DynamicTables& tables, std::uint64_t bias, std::span<const LoadedRange> image)
        : tables_(tables), bias_(bias), image_(image) {}

    Result<void, Error> apply_rela(Bytes table) {
        for (std::uint64_t offset = 0; offset < table.size(); offset += sizeof(Rela)) {
            KOS_TRY(apply(*read_at<Rela>(table, offset)));
        }
        return {};
    }

    /// RELR: an even word is the address of a word to relocate; an odd one a bitmap of the 63 words
    /// that follow.
    Result<void, Error> apply_relr(Bytes table) {
        std::uint64_t next = 0;
        for (std::uint64_t offset = 0; offset < table.size(); offset += sizeof(Le64)) {
            std::uint64_t entry = *read_at<Le64>(table, offset);
            if ((entry & 1) == 0) {
                KOS_TRY(add_bias(entry));
                next = entry + sizeof(Le64);
                continue;
            }
            for (std::uint64_t at = next; (entry >>= 1) != 0; at += sizeof(Le64)) {
                if ((entry & 1) != 0) KOS_TRY(add_bias(at));
            }
            next += 63 * sizeof(Le64);
        }
        return {};
    }

    [[nodiscard]] std::uint64_t written() const { return written_; }

   private:
    Result<void, Error> apply(const Rela& rela) {
        const std::uint64_t addend = rela.addend;
        switch (static_cast<std::uint32_t>(rela.info & 0xffff'ffff)) {
            case r_aarch64_none:
                return {};
            case r_aarch64_relative:
                return write(rela.offset, bias_ + addend);
            case r_aarch64_abs64:
            case r_aarch64_glob_dat:
            case r_aarch64_jump_slot:
                return write(rela.offset, KOS_TRY(symbol_address(rela.info >> 32)) + addend);
            default:
                return Err{Error::Relocation};
        }
    }

    Result<std::uint64_t, Error> symbol_address(std::uint64_t number) {
        const auto symbol =
            read_at<format::Symbol>(tables_.symbols, number * sizeof(format::Symbol));
        if (!symbol) return Err{Error::Symbols};
        if (symbol->shndx == shn_abs) return std::uint64_t{symbol->value};
        if (symbol->shndx != shn_undef) return bias_ + symbol->value;
        const bool weak = symbol->info >> 4 == stb_weak;
        if (!weak) return Err{Error::UndefinedSymbol};
        return std::uint64_t{0};
    }

    Result<void, Error> add_bias(std::uint64_t address) {
        const auto word = find(address);
        if (!word) return Err{Error::Relocation};
        return write(address, *read_at<Le64>(*word, 0) + bias_);
    }

    Result<void, Error> write(std::uint64_t address, std::uint64_t value) {
        const auto word = find(address);
        if (!word) return Err{Error::Relocation};
        const Le64 stored{value};
        std::memcpy(word->data(), &stored, sizeof(stored));
        ++written_;
        return {};
    }

    [[nodiscard]] std::optional<MutableBytes> find(std::uint64_t address) const {
        const VirtualAddress mapped{address + bias_};
        for (const LoadedRange& range : image_) {
            if (mapped < range.address) continue;
            const std::uint64_t offset = mapped - range.address;
            if (range_within(offset, sizeof(Le64), range.bytes.size())) {
                return range.bytes.subspan(static_cast<std::size_t>(offset), sizeof(Le64));
            }
        }
        return std::nullopt;
    }

    const DynamicTables& tables_;
    std::uint64_t bias_;
    std::span<const LoadedRange> image_;
    std::uint64_t written_ = 0;
};

}  // namespace

Result<DynamicTables, Error> read_dynamic(const File& file) {
    Tags tags;
    const Bytes section = file.dynamic();
    for (std::uint64_t offset = 0;; offset += sizeof(format::Dynamic)) {
        const auto entry = read_at<format::Dynamic>(section, offset);
        if (!entry || entry->tag == dt_null) break;
        tags.note(*entry);
    }
    // REL tables have no place on aarch64; another entry size would be another format.
    if (tags.rel || tags.rela_entry != sizeof(Rela) || tags.relr_entry != sizeof(Le64) ||
        tags.symbol_entry != sizeof(format::Symbol) || tags.jump_kind != dt_rela) {
        return Err{Error::Dynamic};
    }
    DynamicTables tables;
    tables.needs_libraries = tags.needed;
    tables.text_relocations = tags.text_relocations;
    tables.rela = KOS_TRY(table(file, tags.rela, tags.rela_size, sizeof(Rela)));
    tables.relr = KOS_TRY(table(file, tags.relr, tags.relr_size, sizeof(Le64)));
    tables.jump_slots = KOS_TRY(table(file, tags.jump, tags.jump_size, sizeof(Rela)));
    if (tags.symbols != 0) tables.symbols = KOS_TRY(symbols_from(file, tags.symbols));
    return tables;
}

Result<std::uint64_t, Error> relocate(const File& file, std::uint64_t bias,
                                      std::span<const LoadedRange> image) {
    const DynamicTables tables = KOS_TRY(read_dynamic(file));
    Relocator relocator{tables, bias, image};
    KOS_TRY(relocator.apply_relr(tables.relr));
    KOS_TRY(relocator.apply_rela(tables.rela));
    KOS_TRY(relocator.apply_rela(tables.jump_slots));
    return relocator.written();
}

}  // namespace kos::elf
