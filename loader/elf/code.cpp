// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/code.hpp"

#include "loader/elf/symbols.hpp"

#include <algorithm>

namespace kos::elf {

namespace {

constexpr std::uint64_t instruction_size = 4;

/// `$x` or `$d`: from `address` on there is code, or there is data.
struct Mark {
    std::uint16_t section;
    VirtualAddress address;
    bool is_data;
};

std::vector<Mark> marks_of(const SymbolTable& symbols) {
    std::vector<Mark> marks;
    for (std::uint64_t number = 0; number < symbols.size(); ++number) {
        const auto symbol = symbols.symbol(number);
        if (!symbol || !(symbol->is_code_mark() || symbol->is_data_mark())) continue;
        marks.push_back({symbol->section, symbol->address, symbol->is_data_mark()});
    }
    std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
        return a.section != b.section ? a.section < b.section : a.address < b.address;
    });
    return marks;
}

void add(std::vector<Range>& ranges, VirtualAddress start, VirtualAddress end) {
    if (start < end) ranges.push_back({start, end - start});
}

/// Splits a section at its marks. Before the first one there is code.
void add_section(std::vector<Range>& ranges, Range section, std::span<const Mark> marks) {
    const VirtualAddress end = section.address + section.size;
    VirtualAddress start = section.address;
    bool is_data = false;
    for (const Mark& mark : marks) {
        const VirtualAddress at = std::clamp(mark.address, start, end);
        if (!is_data) add(ranges, start, at);
        start = at;
        is_data = mark.is_data;
    }
    if (!is_data) add(ranges, start, end);
}

VirtualAddress on_instruction(VirtualAddress address) {
    return (address + (instruction_size - 1)).aligned_down(instruction_size);
}

std::span<const Mark> marks_in(const std::vector<Mark>& marks, std::uint16_t section) {
    const auto [first, last] =
        std::equal_range(marks.begin(), marks.end(), Mark{section, {}, false},
                         [](const Mark& a, const Mark& b) { return a.section < b.section; });
    return {first, last};
}

/// Sorted, without overlaps, each starting on an instruction, and cut to what executable segments
/// have in the file.
std::vector<Range> normalised(const File& file, std::vector<Range> ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const Range& a, const Range& b) { return a.address < b.address; });
    std::vector<Range> result;
    for (const Segment& segment : file.segments()) {
        if (!segment.executable) continue;
        VirtualAddress from = segment.address;
        const VirtualAddress limit = segment.address + segment.file_size;
        for (const Range& range : ranges) {
            const VirtualAddress start = on_instruction(std::max(range.address, from));
            const VirtualAddress end = std::min(range.address + range.size, limit);
            add(result, start, end);
            from = std::max(from, end);
        }
    }
    return result;
}

}  // namespace

Result<std::vector<Range>, Error> code_ranges(const File& file) {
    const SymbolTable symbols = KOS_TRY(SymbolTable::create(file));
    const std::vector<Mark> marks = marks_of(symbols);
    std::vector<Range> ranges;
    for (std::uint16_t number = 0; number < file.section_count(); ++number) {
        const format::SectionHeader section = file.section(number);
        const bool is_code = (section.flags & format::shf_alloc) != 0 &&
                             (section.flags & format::shf_execinstr) != 0 &&
                             section.type != format::sht_nobits;
        if (!is_code) continue;
        if (!checked_add<std::uint64_t>(section.addr, section.size)) return Err{Error::Symbols};
        add_section(ranges, {VirtualAddress{section.addr}, section.size}, marks_in(marks, number));
    }
    if (ranges.empty()) {
        for (const Segment& segment : file.segments()) {
            if (segment.executable) ranges.push_back({segment.address, segment.file_size});
        }
    }
    return normalised(file, std::move(ranges));
}

}  // namespace kos::elf
