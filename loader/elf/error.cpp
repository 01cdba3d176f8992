// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/error.hpp"

namespace kos::elf {

std::string_view describe(Error error) {
    switch (error) {
        case Error::Truncated:
            return "the file is shorter than an ELF header";
        case Error::Magic:
            return "this is not an ELF file";
        case Error::Format:
            return "the file is not 64-bit little-endian ELF, version 1";
        case Error::Machine:
            return "the file is not for aarch64";
        case Error::Type:
            return "the file is neither an executable nor position-independent";
        case Error::ProgramHeaders:
            return "the program header table is malformed or outside the file";
        case Error::NoSegments:
            return "the file has no segment to load";
        case Error::TooManySegments:
            return "the file has more than 16 segments to load";
        case Error::SegmentBounds:
            return "a segment's bytes are outside the file or more than its memory";
        case Error::SegmentAddress:
            return "a segment wraps the address space";
        case Error::SegmentAlignment:
            return "a segment's address and file offset disagree with its alignment";
        case Error::SegmentOrder:
            return "segments overlap or are not in ascending order";
        case Error::SharedPage:
            return "two segments share a 4 KiB page";
        case Error::WriteExecute:
            return "a segment is writable and executable";
        case Error::ExecutableStack:
            return "the file asks for an executable stack";
        case Error::Entry:
            return "the entry point is not in an executable segment";
        case Error::Interpreter:
            return "the program interpreter's name is malformed";
        case Error::Tls:
            return "the thread-local storage template is malformed or outside the segments";
        case Error::Relro:
            return "the RELRO range is not within a writable segment";
        case Error::Dynamic:
            return "the dynamic section or a table that it names is malformed";
        case Error::TextRelocations:
            return "the file has relocations in read-only segments";
        case Error::Relocation:
            return "a relocation is of a type that is not applied, or outside the segments";
        case Error::UndefinedSymbol:
            return "a relocation refers to an undefined symbol";
        case Error::Symbols:
            return "the symbol table is malformed";
    }
    return "unknown error";
}

}  // namespace kos::elf
