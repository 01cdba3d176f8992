// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which containers the disks hold (docs/guest.md): /container, or LinuxKit's /containers.
#pragma once

#include "kosinit/setup/guest_config.hpp"
#include "kosinit/supervise/container.hpp"

#include <string>
#include <vector>

namespace kos::init {

struct Inventory {
    GuestConfig guest;
    std::vector<ContainerPlan> onboot;      ///< in order
    std::vector<ContainerPlan> services;    ///< in order of their names
    std::vector<ContainerPlan> onshutdown;  ///< in order
};

/// The name of the service that /container is.
inline constexpr const char* main_container = "main";

/// \p root is where the disk with the containers is mounted. Names of services in `after` have to
/// be services, and may not wait for themselves.
[[nodiscard]] Outcome<Inventory> read_inventory(const std::string& root);

}  // namespace kos::init
