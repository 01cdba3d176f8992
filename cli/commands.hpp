// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The subcommands of kos. Each adds itself to the command line; what it does runs after parsing.
#pragma once

#include "lib/base/error.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace kos::cli {

/// What was asked for: gives the exit status. A copy outlives the parsing.
using Action = std::function<Outcome<int>()>;

void add_config_command(CLI::App& app, Action& action);
void add_import_command(CLI::App& app, Action& action);
void add_up_command(CLI::App& app, Action& action);
void add_pack_command(CLI::App& app, Action& action);
void add_inspect_command(CLI::App& app, Action& action);
void add_sbom_command(CLI::App& app, Action& action);
void add_exec_command(CLI::App& app, Action& action);
void add_stats_command(CLI::App& app, Action& action);
/// ps, logs.
void add_list_commands(CLI::App& app, Action& action);
/// start, stop, restart, kill, wait, rm, down.
void add_life_commands(CLI::App& app, Action& action);
void add_run_command(CLI::App& app, Action& action);

}  // namespace kos::cli
