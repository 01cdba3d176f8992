// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The mounts of a container: LinuxKit's own, with those that the file adds, by destination.
#pragma once

#include "cli/linuxkit/settings.hpp"

#include <nlohmann/json.hpp>

namespace kos::linuxkit {

/// `mounts` of config.json, in the order of their destinations.
[[nodiscard]] Outcome<nlohmann::ordered_json> mounts_of(const Settings& settings, bool is_readonly);

/// One of `mounts` in its full form, what is left out filled in as LinuxKit does.
[[nodiscard]] Outcome<nlohmann::ordered_json> mount_of(const compose::Value& value);

}  // namespace kos::linuxkit
