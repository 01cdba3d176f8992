// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Packs an image of a layout into a system image: flatten, check, rewrite, plan, write. Pure but
// for reading the target programs.
#pragma once

#include "cli/oci/image.hpp"
#include "cli/pack/process.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/image.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kos::pack {

/// kos's own programs that go into every image: their ELF files.
struct TargetPrograms {
    std::string root_server;
    std::string libos;
};

/// From a folder with rootserver.elf and libos.elf.
Outcome<TargetPrograms> load_target_programs(const std::string& folder);

struct PackOptions {
    std::optional<manifest::AppKind> kind;  ///< --native, --microvm
    ProcessOverrides process;
};

struct Packed {
    std::vector<std::byte> image;
    std::vector<std::string> notes;  ///< what of the image has no effect, for people
};

/// A system image with one app. A working directory that the image lacks is made, as runtimes do.
/// KOS-E-UNSUPPORTED where it would be a microVM.
Outcome<Packed> pack(oci::Image image, const PackOptions& options, const TargetPrograms& programs);

}  // namespace kos::pack
