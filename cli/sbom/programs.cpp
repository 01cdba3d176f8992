// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/programs.hpp"

namespace kos::sbom {

Component own_component(const std::string& name, const std::string& content, const Own& own) {
    return file_component("application", name, own.version, as_bytes(content));
}

std::vector<Component> program_components(const std::set<manifest::AppKind>& kinds,
                                          const Own& own) {
    std::vector<Component> parts{own_component("rootserver.elf", own.programs.root_server, own)};
    for (const Program& program : programs) {
        if (!kinds.contains(program.kind)) continue;
        const std::string name = std::string{program.name} + ".elf";
        parts.push_back(own_component(name, own.programs.*program.elf, own));
    }
    return parts;
}

}  // namespace kos::sbom
