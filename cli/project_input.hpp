// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What commands take as a compose project.
#pragma once

#include "cli/compose/project.hpp"

#include <CLI/CLI.hpp>

namespace kos::cli {

/// -f, -p, --env-file, --profile.
void add_project_options(CLI::App& command, compose::ProjectOptions& options);

/// With the environment of kos and the folder that it runs in; warnings go to standard error.
Outcome<compose::Project> read_project(compose::ProjectOptions options);

}  // namespace kos::cli
