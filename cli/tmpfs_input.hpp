// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// docker's --tmpfs PATH[:OPTIONS], which commands have that take one image.
#pragma once

#include "cli/pack/container_options.hpp"
#include "lib/base/error.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace kos::cli {

void add_tmpfs_option(CLI::App& command, std::vector<std::string>& tmpfs);

/// What the option's values say. KOS-E-USAGE.
Outcome<std::vector<pack::TmpfsMount>> tmpfs_of(const std::vector<std::string>& texts);

}  // namespace kos::cli
