// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What commands take as a compose project.
#pragma once

#include "cli/compose/project.hpp"
#include "cli/system/services.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace kos::cli {

/// -f, -p, --env-file, --profile.
void add_project_options(CLI::App& command, compose::ProjectOptions& options);

enum class Warnings : std::uint8_t { Told, Withheld };

/// The services called \p names and those that they depend on, or all, from the local store.
/// KOS-E-COMPOSE-REFERENCE where there is none to be started.
Outcome<std::vector<system::PlannedService>> plan_project(
    const compose::Project& project, const std::vector<std::string>& names = {});

/// The services' images, and with them what kinds they are, on the project's networks. Notes go to
/// standard error.
Outcome<pack::SystemSource> load_project(const compose::Project& project,
                                         std::vector<system::PlannedService>& services);

/// With the environment of kos and the folder that it runs in; warnings go to standard error.
Outcome<compose::Project> read_project(compose::ProjectOptions options,
                                       Warnings warnings = Warnings::Told);

}  // namespace kos::cli
