// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The process of `exec`, from the fork inside the container's namespaces to its program.
#pragma once

#include "oci-runtime/cgroup/cgroup.hpp"
#include "oci-runtime/process/channel.hpp"
#include "oci-runtime/process/credentials.hpp"

namespace kos::oci {

struct ExecPlan {
    const Process& process;
    const LinuxConfig& linux_config;
    CgroupEntrance& cgroup;  ///< let go of once entered
    const std::optional<SeccompSetup>& seccomp;
    unsigned preserved_fds = 0;
    /// Its root, where no mount namespace was joined that has it as its own; else none.
    sys::UniqueFd& root;
};

/// Runs in the child; does not return.
[[noreturn]] void run_exec(const ExecPlan& plan, ChildChannel channel);

}  // namespace kos::oci
