// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What will be executed, and with which environment: decided inside the container.
#pragma once

#include "oci-runtime/spec/process.hpp"

#include <string>
#include <vector>

namespace kos::oci {

/// The path of args[0]: as it is where it holds a slash, else looked for in the PATH of the
/// container's environment.
[[nodiscard]] Result<std::string> find_executable(const Process& process);

/// The environment: of a variable given twice the later value, and HOME from the container's
/// /etc/passwd where it has none.
[[nodiscard]] std::vector<std::string> complete_environment(const Process& process);

}  // namespace kos::oci
