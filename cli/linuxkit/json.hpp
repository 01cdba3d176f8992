// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Parts of a file that are passed on as they are, as JSON.
#pragma once

#include "cli/compose/value.hpp"
#include "lib/base/error.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace kos::linuxkit {

/// Scalars that are not quoted and look like it are numbers, true and false. KOS-E-COMPOSE-VALUE
/// for numbers that JSON does not have: infinity, and what is none.
[[nodiscard]] Outcome<nlohmann::ordered_json> json_of(const compose::Value& value);

/// As a file; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string text_of(const nlohmann::ordered_json& json);

}  // namespace kos::linuxkit
