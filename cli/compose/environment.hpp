// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Variables: .env files, and what `${…}` in a compose file stands for. Source: Compose
// specification, "Interpolation" and "Environment file format" (12-interpolation.md).
#pragma once

#include "cli/compose/value.hpp"
#include "lib/base/error.hpp"

#include <functional>
#include <map>
#include <string>

namespace kos::compose {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Of a file of `NAME=value` lines; `${…}` in values looks at \p known and earlier lines. A line
/// with a name only takes its value from \p known, or is left out. KOS-E-COMPOSE-VARIABLE.
[[nodiscard]] Outcome<Variables> parse_environment_file(const std::string& text,
                                                        const std::string& file,
                                                        const Variables& known);

/// \p text with `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`,
/// `${NAME?message}`, `${NAME:+other}`, `${NAME+other}` replaced; `$$` is a dollar sign. A variable
/// without a value is the empty text, and \p warn is told of it. \p where names \p text in
/// messages.
[[nodiscard]] Outcome<std::string> interpolate(
    const std::string& text, const Variables& variables, const std::string& where,
    const std::function<void(const std::string& name)>& warn);

/// Every value below \p value; keys stay as they are.
[[nodiscard]] Outcome<void> interpolate(Value& value, const Variables& variables,
                                        const std::function<void(const std::string& name)>& warn);

}  // namespace kos::compose
