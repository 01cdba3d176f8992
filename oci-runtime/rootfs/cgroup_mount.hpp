// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Mounts of type cgroup: the container's view of its control groups.
#pragma once

#include "oci-runtime/rootfs/root_directory.hpp"
#include "oci-runtime/spec/linux.hpp"

namespace kos::oci {

/// cgroup v2: one filesystem. cgroup v1 and hybrid: a tmpfs with a folder per hierarchy. With a
/// cgroup namespace the mounts are new, without one they are the container's part of the host's.
[[nodiscard]] Result<void> mount_cgroup(const RootDirectory& root, const Mount& mount,
                                        const LinuxConfig& config, const std::string& where);

}  // namespace kos::oci
