// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The filesystems that every Linux system has mounted, and how kosinit mounts.
#pragma once

#include "kosinit/setup/result.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kos::init {

struct MountRequest {
    const char* type;
    std::string target;       ///< made where it is missing
    unsigned attributes = 0;  ///< MOUNT_ATTR_*
    std::string source{};     ///< the type's name where empty
    std::vector<std::pair<const char*, std::string>> options{};
};

/// The error has what the kernel said about it.
[[nodiscard]] Outcome<void> mount(const MountRequest& request);

/// /proc, /sys and /dev, which modules and disks need. A kernel that mounted /dev itself is fine.
[[nodiscard]] Outcome<void> mount_first();

/// What a system has besides: pts, shm, mqueue, run, tmp. In the root that is there to stay.
[[nodiscard]] Outcome<void> mount_rest();

/// The disks with these serials, each an ext4 filesystem, on /run/volumes/SERIAL.
[[nodiscard]] Outcome<void> mount_volumes(const std::vector<std::string>& serials);

/// cgroup v2 with every controller for the groups below; what could not be had is in the result.
[[nodiscard]] Outcome<std::string> mount_cgroups();

}  // namespace kos::init
