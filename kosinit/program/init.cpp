// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/program/init.hpp"

#include "lib/linux/process.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kos::init {
namespace {

/// Status of a shell for what could not be executed.
constexpr int not_executable = 126, not_found = 127;

[[noreturn]] void execute(char* const* arguments, const sigset_t& signals) {
    ::sigprocmask(SIG_SETMASK, &signals, nullptr);
    ::execvp(arguments[0], arguments);
    const int error = errno;
    std::fprintf(stderr, "kos-init: %s: %s\n", arguments[0], std::strerror(error));
    ::_exit(error == ENOENT ? not_found : not_executable);
}

}  // namespace

int run_container_init(char* const* arguments) {
    if (arguments[0] == nullptr) {
        std::fprintf(stderr, "kos-init: there is no program to run\n");
        return not_found;
    }
    // All of them wait until this process takes them.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t child = ::fork();
    if (child < 0) {
        std::fprintf(stderr, "kos-init: fork: %s\n", std::strerror(errno));
        return not_executable;
    }
    if (child == 0) execute(arguments, before);
    for (;;) {
        const int signal = ::sigwaitinfo(&all, nullptr);
        if (signal > 0 && signal != SIGCHLD) ::kill(child, signal);
        int status = 0;
        while (const pid_t ended = ::waitpid(-1, &status, WNOHANG)) {
            if (ended == child) return sys::exit_code_of(status);
            if (ended < 0) break;
        }
    }
}

}  // namespace kos::init
