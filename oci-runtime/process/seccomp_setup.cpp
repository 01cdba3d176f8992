// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/seccomp_setup.hpp"

#include "oci-runtime/policy/seccomp_install.hpp"
#include "oci-runtime/policy/seccomp_policy.hpp"

namespace kos::oci {

Result<std::optional<SeccompSetup>> prepare_seccomp(const Config& config) {
    const std::optional<Seccomp>& profile = config.linux_config.seccomp;
    if (!profile) return std::optional<SeccompSetup>{};
    return std::optional{
        SeccompSetup{KOS_TRY(compile_seccomp(*profile)), KOS_TRY(seccomp_flags(*profile))}};
}

}  // namespace kos::oci
