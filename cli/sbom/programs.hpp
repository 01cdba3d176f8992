// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos's own programs, as parts of a system image.
#pragma once

#include "cli/pack/pack.hpp"
#include "cli/sbom/component.hpp"
#include "lib/manifest/image.hpp"

#include <array>
#include <set>
#include <string>
#include <vector>

namespace kos::sbom {

/// kos, as far as it becomes part of images.
struct Own {
    pack::TargetPrograms programs;
    std::string kosinit;  ///< the file's content; empty: not known
    std::string version;
};

/// What an app of that kind runs: NAME.elf.
struct Program {
    manifest::AppKind kind;
    const char* name;
    std::string pack::TargetPrograms::*elf;
};
inline constexpr auto programs = std::to_array<Program>({
    {manifest::AppKind::Native, "libos", &pack::TargetPrograms::libos},
    {manifest::AppKind::MicroVm, "vmm", &pack::TargetPrograms::vmm},
    {manifest::AppKind::MessageServer, "msgserver", &pack::TargetPrograms::message_server},
    {manifest::AppKind::NetworkSwitch, "netswitch", &pack::TargetPrograms::network_switch},
    {manifest::AppKind::Gateway, "gateway", &pack::TargetPrograms::gateway},
});

/// A program by its file.
[[nodiscard]] Component own_component(const std::string& name, const std::string& content,
                                      const Own& own);

/// The root server, and what apps of those kinds run.
[[nodiscard]] std::vector<Component> program_components(const std::set<manifest::AppKind>& kinds,
                                                        const Own& own);

}  // namespace kos::sbom
