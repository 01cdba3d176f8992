// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A project as `kos config` prints it: a compose file again, in long forms, with all paths
// absolute.
#pragma once

#include "cli/compose/model.hpp"

#include <nlohmann/json.hpp>

namespace kos::compose {

[[nodiscard]] nlohmann::ordered_json to_json(const Project& project);
/// The same in YAML.
[[nodiscard]] std::string to_yaml(const Project& project);

}  // namespace kos::compose
