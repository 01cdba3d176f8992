// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Volumes that are memory: those of native services, which have no disks, and those whose
// `driver_opts` make them a tmpfs. What is written to them is gone when the service ends.
#pragma once

#include "cli/compose/model.hpp"
#include "cli/system/services.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <vector>

namespace kos::system {

/// KOS-E-COMPOSE-UNSUPPORTED: a service has such a volume at one place.
[[nodiscard]] Err<Error> refuse_second_place(const PlannedVolume& volume);

/// Gives a native service a tmpfs for each of its volumes.
Outcome<void> keep_in_memory(PlannedService& service);

/// For people: the volumes of services that the project itself makes native, by `x-kos-kind` or the
/// image's scheme, are not kept.
[[nodiscard]] std::vector<std::string> notes_on_volumes(const compose::Project& project);
/// The same of services that are loaded, and so are known to be native.
[[nodiscard]] std::vector<std::string> notes_on_volumes(
    const std::vector<PlannedService>& services);

}  // namespace kos::system
