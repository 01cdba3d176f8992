// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/policy/seccomp_program.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <cstdint>
#include <optional>

namespace kos::oci {

/// Whether a rule of the profile hands calls to a listener.
[[nodiscard]] bool needs_listener(const Seccomp& profile);

/// Flags for seccomp(2): those of the profile, or the default of runc and crun.
[[nodiscard]] Result<unsigned> seccomp_flags(const Seccomp& profile);

/// Puts the filter on the calling thread. Needs no_new_privs or CAP_SYS_ADMIN. Gives the listener
/// where `flags` ask for one.
[[nodiscard]] Result<sys::UniqueFd> install_seccomp(const SeccompProgram& program, unsigned flags);

/// Whether this kernel takes `flag`.
[[nodiscard]] bool kernel_supports_seccomp_flag(unsigned flag);

}  // namespace kos::oci
