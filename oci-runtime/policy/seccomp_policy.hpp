// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From `linux.seccomp` to a BPF program, with the meaning that libseccomp gives to such a profile:
// names resolve per architecture, calls multiplexed through socketcall(2) and ipc(2) are found in
// both forms, x32 has its own numbers on x86-64. libseccomp supplies the tables of numbers; the
// program is our own, because assembling it takes a hundredth of the time (docs/oci-runtime.md).
#pragma once

#include "oci-runtime/policy/seccomp_program.hpp"
#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/names.hpp"
#include "oci-runtime/spec/seccomp.hpp"

#include <array>

namespace kos::oci {

/// What a filter is for: each runs a family of architectures.
enum class Machine { X86_64, Aarch64, Riscv64 };

#if defined(__x86_64__)
inline constexpr Machine this_machine = Machine::X86_64;
#elif defined(__aarch64__)
inline constexpr Machine this_machine = Machine::Aarch64;
#elif defined(__riscv)
inline constexpr Machine this_machine = Machine::Riscv64;
#else
#error "which architectures can this machine run?"
#endif

/// As uname(2) calls them.
inline constexpr auto machine_names = std::to_array<Name<Machine>>({
    {"x86_64", Machine::X86_64},
    {"aarch64", Machine::Aarch64},
    {"riscv64", Machine::Riscv64},
});

/// Architectures that the machine cannot run get no code: their calls meet the same end as those
/// of architectures that the profile does not list. Any machine's filters can be compiled on any.
[[nodiscard]] Result<SeccompProgram> compile_seccomp(const Seccomp& profile,
                                                     Machine machine = this_machine);

/// SCMP_ARCH_* names that profiles may list.
[[nodiscard]] std::vector<std::string_view> seccomp_architecture_names();

}  // namespace kos::oci
