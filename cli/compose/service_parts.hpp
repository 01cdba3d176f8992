// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The parts of a service that are mappings of their own. Each takes the canonical form.
#pragma once

#include "cli/compose/model.hpp"

namespace kos::compose {

[[nodiscard]] Outcome<std::vector<Dependency>> read_dependencies(const Value& value);
[[nodiscard]] Outcome<Healthcheck> read_healthcheck(const Value& value);
/// `restart: on-failure:3`
[[nodiscard]] Outcome<Restart> read_restart(const Value& value);
/// `deploy.restart_policy`
[[nodiscard]] Outcome<Restart> read_restart_policy(const Value& value);
[[nodiscard]] Outcome<std::vector<NetworkMembership>> read_memberships(const Value& value);
[[nodiscard]] Outcome<std::vector<Mount>> read_mounts(const Value& value);
[[nodiscard]] Outcome<std::vector<Port>> read_ports(const Value& value);
/// \p folder: where one lies that has no target, `/run/secrets` or `/`.
[[nodiscard]] Outcome<std::vector<FileReference>> read_file_references(const Value& value,
                                                                       std::string_view folder);
[[nodiscard]] Outcome<std::map<std::string, Limit>> read_ulimits(const Value& value);
[[nodiscard]] Outcome<std::vector<Device>> read_devices(const Value& value);
[[nodiscard]] Outcome<Logging> read_logging(const Value& value);

}  // namespace kos::compose
