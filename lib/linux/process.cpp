// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/process.hpp"

#include "lib/linux/file.hpp"

#include <charconv>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace kos::sys {

Result<Child> clone(const CloneRequest& request) {
    Fd pidfd = -1;
    clone_args arguments{};
    arguments.flags = request.flags | CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    // With CLONE_PARENT the kernel takes the exit signal from the parent.
    if (request.parents_signal) arguments.exit_signal = SIGCHLD;
    if (request.cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<std::uint64_t>(request.cgroup);
    }
    const long pid = KOS_TRY(check(::syscall(SYS_clone3, &arguments, sizeof arguments)));
    if (pid == 0) return Child{};
    return Child{static_cast<pid_t>(pid), UniqueFd{pidfd}};
}

Result<UniqueFd> open_pidfd(pid_t pid) {
    return UniqueFd{static_cast<Fd>(KOS_TRY(check(::syscall(SYS_pidfd_open, pid, 0))))};
}

Result<void> send_signal(Fd pidfd, int signal) {
    return done(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

bool wait_for_end(Fd pidfd, int milliseconds) {
    pollfd entry{pidfd, POLLIN, 0};
    int ready;
    while ((ready = ::poll(&entry, 1, milliseconds)) < 0 && errno == EINTR) {
    }
    return ready == 1;
}

bool has_ended(Fd pidfd) { return wait_for_end(pidfd, 0); }

Result<int> reap(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, __WALL) < 0) {
        if (errno != EINTR) return last_error();
    }
    return status;
}

int exec_error(Fd pipe) {
    int error = 0;
    ssize_t got = 0;
    do {
        got = ::read(pipe, &error, sizeof(error));
    } while (got < 0 && errno == EINTR);
    return got == sizeof(error) ? error : 0;
}

int exit_code_of(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

Result<ProcessStatus> status_of(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    const std::string text = KOS_TRY(read_file(AT_FDCWD, path.c_str()));
    // "PID (NAME) STATE …": the name may hold spaces and parentheses. Start time is field 22.
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= text.size()) return Err{Errno{EIO}};
    ProcessStatus status{text[name_end + 2], 0};
    std::size_t position = name_end + 2;
    for (int field = 3; field < 22; ++field) position = text.find(' ', position) + 1;
    const auto parsed =
        std::from_chars(text.data() + position, text.data() + text.size(), status.start_time);
    if (parsed.ec != std::errc{}) return Err{Errno{EIO}};
    return status;
}

}  // namespace kos::sys
