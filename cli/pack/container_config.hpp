// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The OCI runtime configuration of a microVM's container (runtime-spec, config.json): what the
// image says, with docker's defaults for what images do not speak of. docs/microvm.md lists all
// that is added, and a test compares.
#pragma once

#include "cli/pack/container_options.hpp"
#include "cli/pack/networks.hpp"
#include "cli/pack/pack.hpp"
#include "cli/pack/process.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kos::pack {

/// \p seccomp is `linux.seccomp`, or nothing for no filter.
[[nodiscard]] nlohmann::ordered_json container_config(
    const Process& process, const std::string& host_name,
    const std::optional<nlohmann::ordered_json>& seccomp, const ContainerOptions& options = {},
    const AppNetworks& networks = {});

/// Whether a sysctl is of the network namespace.
[[nodiscard]] bool is_network_sysctl(std::string_view key);

/// kosinit's settings (docs/guest.md, guest.json).
[[nodiscard]] nlohmann::ordered_json guest_config(const std::string& host_name,
                                                  const std::string& stop_signal,
                                                  const std::vector<ExtraHost>& hosts = {},
                                                  const ContainerOptions& options = {},
                                                  const AppNetworks& networks = {});

/// kosinit's settings of the container (docs/guest.md, service.json).
[[nodiscard]] nlohmann::ordered_json service_config(const HealthTest& health);

/// `linux.seccomp` of a profile in docker's form (Debian: /usr/share/containers/seccomp.json), its
/// conditions decided for \p capabilities on arm64. KOS-E-FILE where it is no such profile.
Outcome<nlohmann::ordered_json> seccomp_of(std::string_view profile, const std::string& where,
                                           const std::vector<std::string>& capabilities);

}  // namespace kos::pack
