// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The id mappings of a new user namespace (user_namespaces(7)).
#pragma once

#include "oci-runtime/spec/linux.hpp"

#include <sys/types.h>

namespace kos::oci {

/// Writes uid_map and gid_map of `pid`, the first process of the namespace: itself where the caller
/// may, else with newuidmap(1) and newgidmap(1).
[[nodiscard]] Result<void> write_id_maps(pid_t pid, const LinuxConfig& config);

}  // namespace kos::oci
