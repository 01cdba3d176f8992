// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What commands take as a compose project.
#pragma once

#include "cli/compose/project.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>

namespace kos::cli {

/// -f, -p, --env-file, --profile.
void add_project_options(CLI::App& command, compose::ProjectOptions& options);

enum class Warnings : std::uint8_t { Told, Withheld };

/// With the environment of kos and the folder that it runs in; warnings go to standard error.
Outcome<compose::Project> read_project(compose::ProjectOptions options,
                                       Warnings warnings = Warnings::Told);

}  // namespace kos::cli
