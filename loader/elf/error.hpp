// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What can be wrong with an ELF file.
#pragma once

#include <cstdint>
#include <string_view>

namespace kos::elf {

enum class Error : std::uint8_t {
    Truncated,         ///< shorter than its file header
    Magic,             ///< not an ELF file
    Format,            ///< not 64-bit, little-endian, version 1
    Machine,           ///< not for aarch64
    Type,              ///< neither ET_EXEC nor ET_DYN
    ProgramHeaders,    ///< the program header table is malformed or outside the file
    NoSegments,        ///< nothing to load
    TooManySegments,   ///< more than max_segments of them
    SegmentBounds,     ///< a segment's bytes are outside the file, or more than its memory
    SegmentAddress,    ///< a segment wraps the address space
    SegmentAlignment,  ///< p_align is no power of two, or address and offset disagree modulo it
    SegmentOrder,      ///< segments are not in ascending order or overlap
    SharedPage,        ///< two segments share a 4 KiB page
    WriteExecute,      ///< a segment is writable and executable
    ExecutableStack,   ///< PT_GNU_STACK asks for an executable stack
    Entry,             ///< the entry point is not in an executable segment
    Interpreter,       ///< PT_INTERP is malformed
    Tls,               ///< PT_TLS is malformed or outside the segments
    Relro,             ///< PT_GNU_RELRO is not within a writable segment
    Dynamic,           ///< the dynamic section or a table it names is malformed
    TextRelocations,   ///< relocations would write to a segment that is not writable
    Relocation,        ///< a relocation of a type that is not applied, or outside the segments
    UndefinedSymbol,   ///< a relocation refers to a symbol that the file does not define
    Symbols,           ///< the symbol table is malformed
};

/// What is wrong, in words: "a segment wraps the address space".
[[nodiscard]] std::string_view describe(Error error);

}  // namespace kos::elf
