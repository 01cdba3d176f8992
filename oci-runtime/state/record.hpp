// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the runtime remembers of a container between commands: state.json in its state directory.
#pragma once

#include "oci-runtime/cgroup/cgroup.hpp"
#include "oci-runtime/resctrl/group.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

struct ContainerRecord {
    std::string id;
    int pid = 0;                   ///< 0: no process yet
    std::uint64_t start_time = 0;  ///< of the process, so that a later one is not mistaken for it
    std::string bundle;            ///< absolute
    std::string rootfs;            ///< absolute
    std::string created;           ///< RFC 3339, UTC
    unsigned owner = 0;            ///< user id of the caller
    std::string version;           ///< ociVersion of the config
    std::map<std::string, std::string> annotations;
    std::vector<CgroupFolder> cgroups;
    std::string systemd_unit;  ///< scope that holds the processes, if systemd made the group
    ResctrlGroup resctrl;
    /// The mount that the root filesystem was on before the container's own was put on it, where
    /// the container has no mount namespace that would take its mounts along; else 0.
    std::uint64_t mount_below_root = 0;
    bool setup_done = false;  ///< false: its creator is at work, or was killed at it
};

[[nodiscard]] std::string to_json(const ContainerRecord& record);
[[nodiscard]] Result<ContainerRecord> parse_record(std::string_view text);

/// "2026-11-21T22:16:23.123456789Z"
[[nodiscard]] std::string timestamp_now();

}  // namespace kos::oci
