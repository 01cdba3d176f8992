// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reads numbers out of a kernel's C headers: enumerators and plain #defines, with the conditionals
// of the C preprocessor decided by the kernel's own configuration. Enough for the headers that seL4
// installs; a conditional that it cannot decide is an error, never a guess.
#pragma once

#include "lib/base/error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace kos::kernel {

/// Macros that are defined, such as CONFIG_KERNEL_MCS.
using Macros = std::set<std::string, std::less<>>;
/// Names and their numbers.
using Numbers = std::map<std::string, std::uint64_t, std::less<>>;

/// Adds the enumerators and numeric macros of \p text to \p numbers, which later headers refer to
/// (`first = nInvocationLabels`). \p where names the header in errors.
Outcome<void> read_header(std::string_view text, const std::string& where, const Macros& macros,
                          Numbers& numbers);

/// Whether a condition such as `defined(A) && !defined(B)` holds; nothing where it is of another
/// form.
[[nodiscard]] std::optional<bool> evaluate_condition(std::string_view condition,
                                                     const Macros& macros);

}  // namespace kos::kernel
