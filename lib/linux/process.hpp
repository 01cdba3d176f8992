// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Processes by pidfd: making, signalling, waiting, looking at them.
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <sys/types.h>

namespace kos::sys {

struct CloneRequest {
    std::uint64_t flags = 0;     ///< CLONE_NEW*, CLONE_PARENT
    Fd cgroup = -1;              ///< a cgroup v2 directory that the child starts in, or none
    bool parents_signal = true;  ///< SIGCHLD at exit; not with CLONE_PARENT
};

struct Child {
    pid_t pid = 0;   ///< 0 in the child
    UniqueFd pidfd;  ///< empty in the child
};

/// clone3(2) without a new stack: like fork(2), it returns twice.
[[nodiscard]] Result<Child> clone(const CloneRequest& request);

[[nodiscard]] Result<UniqueFd> open_pidfd(pid_t pid);
[[nodiscard]] Result<void> send_signal(Fd pidfd, int signal);

/// Whether the process has ended, reaped or not.
[[nodiscard]] bool has_ended(Fd pidfd);

/// Waits at most `milliseconds` (-1: for ever) for the end; whether it came.
[[nodiscard]] bool wait_for_end(Fd pidfd, int milliseconds);

/// Reaps a child and gives its wait status (see waitpid(2)).
[[nodiscard]] Result<int> reap(pid_t pid);

/// The errno that a child whose exec failed wrote to \p pipe; 0 where a successful one closed it.
[[nodiscard]] int exec_error(Fd pipe);

/// As a shell gives it: the exit code, or 128 plus the signal's number.
[[nodiscard]] int exit_code_of(int wait_status);

/// What /proc/PID/stat says: enough to tell a process from a later one of the same number.
struct ProcessStatus {
    char state = 0;                ///< R, S, D, Z, X, …
    std::uint64_t start_time = 0;  ///< clock ticks since boot
};
[[nodiscard]] Result<ProcessStatus> status_of(pid_t pid);

}  // namespace kos::sys
