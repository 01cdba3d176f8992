// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos's own programs that run as apps: the VMM of a microVM, a message server, a network's switch,
// the gateway.
#pragma once

#include "cli/pack/image_builder.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/image.hpp"
#include "lib/message/layout.hpp"
#include "loader/plan/image.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kos::pack {

struct OwnProgram {
    std::string name;
    plan::PlacedImage image;
    std::uint32_t blob = 0;  ///< number of its pages
};

/// An ELF file's pages as they lie in an image.
struct PlacedProgram {
    plan::PlacedImage image;
    std::vector<std::byte> pages;
};

/// Of \p elf, the content of NAME.elf. KOS-E-ELF and its kin, KOS-E-VSPACE.
Outcome<PlacedProgram> place_own_program(const std::string& name, const std::string& elf);

/// Puts \p elf, the content of NAME.elf, into the image; fails likewise.
Outcome<OwnProgram> add_own_program(const std::string& name, const std::string& elf,
                                    ImageBuilder& builder);

/// What an app's record says of it: /NAME, one thread, no environment.
void set_own_program(const OwnProgram& program, ImageBuilder& builder, manifest::App& app);

/// A message server or switch.
struct Server {
    manifest::AppKind kind;
    std::string name;
    std::vector<std::byte> plan;  ///< what the program reads
    std::size_t members;
    std::uint64_t books_size = message::books_size;  ///< of each member
    std::uint32_t lanes = 0;
};

/// Adds an app that runs \p program: none is more urgent. KOS-E-VSPACE.
Outcome<void> add_server(Server server, const OwnProgram& program, ImageBuilder& builder);

}  // namespace kos::pack
