// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Running hooks (runtime-spec, config.md "POSIX-platform Hooks").
#pragma once

#include "oci-runtime/spec/hooks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// One after another, each with `state` on its standard input; stops at the first that fails, is
/// killed or takes longer than its timeout. `kind` is the name of the list in config.json.
[[nodiscard]] Result<void> run_hooks(const std::vector<Hook>& hooks, std::string_view kind,
                                     const std::string& state);

/// All of them, whatever becomes of each; what failed, for the log.
[[nodiscard]] std::vector<Failure> run_all_hooks(const std::vector<Hook>& hooks,
                                                 std::string_view kind, const std::string& state);

}  // namespace kos::oci
