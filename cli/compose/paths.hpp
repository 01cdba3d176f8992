// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "cli/compose/value.hpp"

#include <filesystem>

namespace kos::compose {

/// Makes the paths of a canonical document absolute: relative ones start in \p folder, `~` is
/// \p home. Of bind mounts, `env_file`, the files of secrets and configs, and `extends`.
void resolve_paths(Value& document, const std::filesystem::path& folder,
                   const std::filesystem::path& home);

}  // namespace kos::compose
