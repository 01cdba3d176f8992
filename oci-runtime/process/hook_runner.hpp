// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Running hooks (runtime-spec, config.md "POSIX-platform Hooks").
#pragma once

#include "oci-runtime/spec/hooks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// Whether the text of a config.json can have hooks of this kind: where not, it need not be parsed
/// for them. (An escape may hide a name.)
[[nodiscard]] inline bool may_have_hooks(std::string_view config_text, std::string_view kind) {
    return config_text.find(kind) != std::string_view::npos ||
           config_text.find("\\u") != std::string_view::npos;
}

/// One after another, each with `state` on its standard input; stops at the first that fails, is
/// killed or takes longer than its timeout. `kind` is the name of the list in config.json.
[[nodiscard]] Result<void> run_hooks(const std::vector<Hook>& hooks, std::string_view kind,
                                     const std::string& state);

/// All of them, whatever becomes of each; what failed, for the log.
[[nodiscard]] std::vector<Failure> run_all_hooks(const std::vector<Hook>& hooks,
                                                 std::string_view kind, const std::string& state);

}  // namespace kos::oci
