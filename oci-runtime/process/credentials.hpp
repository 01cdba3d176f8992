// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From the runtime's rights to the program's, in the only safe order:
//
//     limits, scheduling, keyring     while still privileged
//     bounding set                    needs CAP_SETPCAP
//     seccomp                         here without no_new_privs: needs CAP_SYS_ADMIN
//     groups, gid, uid                keeping the permitted set for a moment
//     capability sets, ambient        what config.json grants, no more
//     no_new_privs
//     working directory               checked to be inside the root
//     seccomp                         with no_new_privs: the last step of all (see program.hpp)
#pragma once

#include "oci-runtime/policy/seccomp_program.hpp"
#include "oci-runtime/process/channel.hpp"
#include "oci-runtime/rootfs/private_proc.hpp"
#include "oci-runtime/spec/linux.hpp"
#include "oci-runtime/spec/process.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kos::oci {

struct SeccompSetup {
    SeccompProgram program;
    unsigned flags = 0;
};

/// What init and exec have in common.
struct CredentialPlan {
    const Process& process;
    const LinuxConfig& linux_config;
    const std::optional<SeccompSetup>& seccomp;
    std::string keyring;  ///< name of a new session keyring; none when empty
};

/// All but seccomp with no_new_privs, and the working directory.
[[nodiscard]] Result<void> take_credentials(const CredentialPlan& plan, const PrivateProc& proc,
                                            const ChildChannel& channel);

/// Loads the filter; a listener goes to the runtime, which this waits for.
[[nodiscard]] Result<void> load_seccomp(const SeccompSetup& seccomp, const ChildChannel& channel);

/// The directory, if it is inside the root: before a filter is loaded that may deny the question.
/// Empty where only the container's user can get there, or nobody.
[[nodiscard]] sys::UniqueFd open_working_directory(const std::string& path);

/// chdir(2), and the certainty that it led to a place inside the root (CVE-2024-21626). Where the
/// filter denies getcwd(2), it is `checked` instead.
[[nodiscard]] Result<void> enter_working_directory(const std::string& path,
                                                   const sys::UniqueFd& checked);

/// The oom_score_adj of a process that has gone into a user namespace: not being dumpable, it does
/// not own its files in /proc there. By the runtime, before it lets the process go on.
[[nodiscard]] Result<void> set_oom_score_from_outside(pid_t pid, const Process& process,
                                                      const LinuxConfig& config);

}  // namespace kos::oci
