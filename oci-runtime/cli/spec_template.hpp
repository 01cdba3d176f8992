// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string>

namespace kos::oci {

/// An example config.json: a shell, every namespace, no network but loopback.
[[nodiscard]] std::string spec_template(bool rootless);

}  // namespace kos::oci
