// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The container's first process, from the fork to its program.
#pragma once

#include "oci-runtime/cgroup/cgroup.hpp"
#include "oci-runtime/process/channel.hpp"
#include "oci-runtime/process/credentials.hpp"
#include "oci-runtime/rootfs/mounter.hpp"
#include "oci-runtime/spec/config.hpp"
#include "oci-runtime/state/record.hpp"

namespace kos::oci {

/// Everything that can be known before the fork.
struct InitPlan {
    const Config& config;
    const ContainerRecord& record;
    PreparedMounts& mounts;  ///< let go of once attached
    CgroupEntrance& cgroup;  ///< let go of once entered
    const std::optional<SeccompSetup>& seccomp;
    sys::Fd fifo = -1;  ///< create: an O_PATH descriptor of the exec fifo; run: none
    bool no_pivot = false;
    bool new_keyring = true;
    unsigned preserved_fds = 0;
};

/// Runs in the child; does not return.
[[noreturn]] void run_init(const InitPlan& plan, ChildChannel channel);

}  // namespace kos::oci
