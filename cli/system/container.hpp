// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a service asks of a microVM's container: capabilities, limits, sysctls, devices, mounts.
#pragma once

#include "cli/compose/model.hpp"
#include "cli/pack/container_options.hpp"
#include "lib/base/error.hpp"

#include <string>

namespace kos::system {

/// KOS-E-COMPOSE-VALUE for what is no capability, KOS-E-COMPOSE-UNSUPPORTED for devices that no
/// guest has and sysctls that are not the container's own, with the key's place.
Outcome<pack::ContainerOptions> container_of(const compose::Project& project,
                                             const compose::Service& service);

/// What the disk of a volume is called in a guest.
[[nodiscard]] std::string volume_serial(const std::string& volume);

/// A mount of that type: of mode 1777 and root's where it does not say.
[[nodiscard]] pack::TmpfsMount tmpfs_of(const compose::Mount& mount);

}  // namespace kos::system
