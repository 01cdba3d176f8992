// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string>

namespace kos::oci {

/// The features document (runtime-spec, features.md and features-linux.md), from the tables that
/// the parsers use.
[[nodiscard]] std::string features_document();

}  // namespace kos::oci
