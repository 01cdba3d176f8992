// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// ELF files made ready for the system image: the program of a native app, checked and rewritten,
// and libos, relocated. Parse and plan are loader's; here its errors become errors for people.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/image.hpp"
#include "loader/plan/image.hpp"
#include "loader/rewrite/rewrite.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kos::pack {

/// A function for the Symbols blob, at its address as mapped.
struct Function {
    std::uint64_t address;
    std::uint32_t size;
    std::string name;
};

struct Program {
    plan::PlacedImage image;
    std::vector<std::byte> pages;  ///< rewritten
    std::vector<std::byte> stubs;
    std::vector<manifest::Undo> undo;
    std::vector<Function> functions;
    rewrite::Counts rewritten;
    std::uint64_t program_headers = 0;  ///< address as mapped, 0 where no segment holds them
    std::uint16_t program_header_count = 0;
};

/// A native program. \p where names it in errors: KOS-E-SCRIPT, KOS-E-ELF and its kin,
/// KOS-E-VSPACE.
Outcome<Program> prepare_program(Bytes elf, const std::string& where);

struct Libos {
    plan::PlacedImage image;
    std::vector<std::byte> pages;  ///< relocated to its place
    std::vector<Function> functions;
    std::uint64_t start = 0;         ///< where the main thread starts
    std::uint64_t thread_start = 0;  ///< where further threads start
};

Outcome<Libos> prepare_libos(Bytes elf, const std::string& where);

}  // namespace kos::pack
