// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A project out of its files: found, read, interpolated, merged, extended, typed, checked. Source:
// Compose specification. What kos supports of it: docs/compose.md.
#pragma once

#include "cli/compose/environment.hpp"
#include "cli/compose/model.hpp"

#include <filesystem>
#include <functional>

namespace kos::compose {

struct ProjectOptions {
    std::vector<std::filesystem::path> files;  ///< none: compose.yaml is looked for, from folder up
    std::vector<std::filesystem::path>
        env_files;                 ///< none: .env beside the first file, if it is there
    std::filesystem::path folder;  ///< where the person is
    std::string name;              ///< none: as the files say, or their folder's name
    Strings profiles;
    Variables environment;  ///< of `kos`
    std::function<void(const std::string& message)> warn = [](const std::string&) {};
};

/// Every error names file, line and column.
[[nodiscard]] Outcome<Project> load_project(const ProjectOptions& options);

/// A whole document, interpolated already.
[[nodiscard]] Outcome<Project> read_project(const Value& document, const ProjectOptions& options,
                                            const Variables& variables,
                                            const std::filesystem::path& folder);

}  // namespace kos::compose
