// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The last steps of a container process: labels, seccomp, execve.
#pragma once

#include "oci-runtime/process/credentials.hpp"

#include <string>
#include <vector>

namespace kos::oci {

/// Security labels that the kernel applies at the next execve(2). Written through `proc` only.
[[nodiscard]] Result<void> set_exec_labels(const Process& process, const PrivateProc& proc);

struct Program {
    std::string path;
    std::vector<std::string> args;
    std::vector<std::string> environment;
};

/// Looks for it as the user that will run it.
[[nodiscard]] Result<Program> prepare_program(const Process& process);

/// Returns only to fail.
[[nodiscard]] Failure execute(const Program& program);

/// Everything above `preserved` descriptors beyond the standard three is closed at execve(2).
void close_at_exec(unsigned preserved);

/// Lets go of what the runtime had open (CVE-2024-21626), its locks among it; the standard
/// descriptors, `preserved` further ones and those in `kept` stay.
void close_all_but(std::vector<sys::Fd> kept, unsigned preserved);

/// Signals as a new program expects them: none blocked, none ignored.
void reset_signals();

}  // namespace kos::oci
