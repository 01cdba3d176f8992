// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What `events` tells about a container's use of resources, in the form that runc gives it.
#pragma once

#include "oci-runtime/cgroup/cgroup.hpp"

#include <nlohmann/json_fwd.hpp>

namespace kos::oci {

[[nodiscard]] nlohmann::json collect_statistics(const Cgroup& cgroup);

/// How often the container's processes were killed for want of memory.
[[nodiscard]] std::uint64_t out_of_memory_kills(const Cgroup& cgroup);

}  // namespace kos::oci
