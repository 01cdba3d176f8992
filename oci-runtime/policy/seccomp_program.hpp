// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Compiles a system call policy into a classic BPF program (seccomp(2), bpf_check_classic).
//
// The program first looks for the architecture, then finds the system call's number by binary
// search over ranges of equal treatment, and only then, where a policy asks for it, looks at
// arguments:
//
//     arch? ── x86-64 ──► nr < 512? ─► nr < 90? ─► … ─► RET allow
//        └──── i386 ────► …                        └──► args[0] == 16? ─► RET errno
//
// A call takes about log2(ranges) instructions, which is also what the kernel runs for every number
// when it fills its cache of constantly allowed calls: loading is cheap, too.
#pragma once

#include "oci-runtime/spec/seccomp.hpp"

#include <cstdint>
#include <linux/filter.h>
#include <map>
#include <optional>
#include <vector>

namespace kos::oci {

/// SECCOMP_RET_* with its data.
using SeccompReturn = std::uint32_t;

/// All comparisons hold: the action applies.
struct SeccompCondition {
    std::vector<SeccompArgument> all;
    SeccompReturn action = 0;
};

struct SyscallPolicy {
    std::optional<SeccompReturn> always;  ///< regardless of arguments
    std::vector<SeccompCondition> when;   ///< else the first that holds
    bool wide = true;                     ///< arguments have 64 bits, not 32
};

/// What holds for one value of seccomp_data.arch.
struct ArchitecturePolicy {
    std::uint32_t audit_architecture = 0;
    std::map<std::uint32_t, SyscallPolicy> syscalls;
    /// Ranges of numbers that are treated alike unless `syscalls` says otherwise: from each key on.
    /// Has at least key 0.
    std::map<std::uint32_t, SeccompReturn> otherwise;
};

using SeccompProgram = std::vector<sock_filter>;

/// The architectures are tried in order; any other gets `unknown_architecture`.
[[nodiscard]] SeccompProgram assemble_seccomp(const std::vector<ArchitecturePolicy>& architectures,
                                              SeccompReturn unknown_architecture);

}  // namespace kos::oci
