// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which control group hierarchies this system has, and where (cgroups(7)).
//
//     unified   cgroup2 on /sys/fs/cgroup
//     legacy    a tmpfs on /sys/fs/cgroup, a cgroup v1 hierarchy for each controller below
//     hybrid    legacy, and a cgroup2 without controllers on /sys/fs/cgroup/unified
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

struct CgroupHierarchy {
    std::string mount_point;  ///< /sys/fs/cgroup/memory
    std::string root;         ///< which part of the hierarchy is mounted there; "/" mostly
    std::string controllers;  ///< "cpu,cpuacct", "name=systemd"; empty: cgroup v2

    [[nodiscard]] bool unified() const { return controllers.empty(); }
    /// Folder name below /sys/fs/cgroup: "cpu,cpuacct", "systemd".
    [[nodiscard]] std::string name() const;
    [[nodiscard]] bool has(std::string_view controller) const;
};

/// cgroup v1 hierarchies first, the unified one last; none where nothing is mounted.
[[nodiscard]] Result<std::vector<CgroupHierarchy>> find_cgroup_hierarchies();

/// Where the calling process is in `hierarchy`: "/user.slice".
[[nodiscard]] std::optional<std::string> own_cgroup_path(const CgroupHierarchy& hierarchy);

/// The parts between separators; empty ones are left out.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace kos::oci
