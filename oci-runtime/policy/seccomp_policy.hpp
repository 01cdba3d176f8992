// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From `linux.seccomp` to a BPF program, with the meaning that libseccomp gives to such a profile:
// names resolve per architecture, calls multiplexed through socketcall(2) and ipc(2) are found in
// both forms, x32 has its own numbers on x86-64. libseccomp supplies the tables of numbers; the
// program is our own, because assembling it takes a hundredth of the time (docs/oci-runtime.md).
#pragma once

#include "oci-runtime/policy/seccomp_program.hpp"
#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/seccomp.hpp"

namespace kos::oci {

/// Architectures that this machine cannot run get no code: their calls meet the same end as those
/// of architectures that the profile does not list.
[[nodiscard]] Result<SeccompProgram> compile_seccomp(const Seccomp& profile);

/// SCMP_ARCH_* names that profiles may list.
[[nodiscard]] std::vector<std::string_view> seccomp_architecture_names();

}  // namespace kos::oci
