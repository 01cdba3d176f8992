// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is done in the guest around a container: LinuxKit's `runtime`, and kos's `x-kos-service`.
#pragma once

#include "cli/linuxkit/settings.hpp"

#include <nlohmann/json.hpp>

namespace kos::linuxkit {

struct RuntimeParts {
    nlohmann::ordered_json runtime;     ///< runtime.json (docs/guest.md); empty: none
    nlohmann::ordered_json interfaces;  ///< `linux.netDevices` of config.json
};

[[nodiscard]] Outcome<RuntimeParts> runtime_of(const Settings& settings);

/// service.json (docs/guest.md); empty: none.
[[nodiscard]] Outcome<nlohmann::ordered_json> service_of(const Settings& settings);

}  // namespace kos::linuxkit
