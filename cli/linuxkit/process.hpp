// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `process` of config.json: arguments, environment, user, capabilities, limits.
#pragma once

#include "cli/linuxkit/settings.hpp"
#include "cli/oci/image.hpp"

#include <nlohmann/json.hpp>

namespace kos::linuxkit {

[[nodiscard]] Outcome<nlohmann::ordered_json> process_of(const Settings& settings,
                                                         const oci::Image& image);

}  // namespace kos::linuxkit
