// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/background.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace kos::instance {

namespace {

/// What the child's standard output and error are meanwhile. A pipe would stay open for as long as
/// the programs that it starts, and whoever started us would wait for its end.
Outcome<sys::UniqueFd> make_notes() {
    sys::UniqueFd notes{::memfd_create("kos-start", MFD_CLOEXEC)};
    if (!notes) return fail(ErrorCode::Target, "memfd_create", std::strerror(errno));
    return notes;
}

void take_over(sys::Fd input, sys::Fd output) {
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
}

/// Waits for the child's word; 0, or its exit status.
int wait_for(pid_t child, sys::Fd ready) {
    char word = 0;
    ssize_t got = 0;
    while ((got = ::read(ready, &word, 1)) < 0 && errno == EINTR) {
    }
    if (got == 1) return static_cast<unsigned char>(word);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return sys::exit_code_of(status);
}

}  // namespace

Outcome<std::optional<int>> Background::split() {
    const sys::UniqueFd notes = KOS_TRY(make_notes());
    std::array<sys::Fd, 2> ends{};
    // No pipe: writing to a parent that has gone is no reason to die.
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return fail(ErrorCode::Target, "socketpair", std::strerror(errno));
    }
    const sys::UniqueFd read_end{ends[0]};
    sys::UniqueFd write_end{ends[1]};
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return fail(ErrorCode::Target, "fork", std::strerror(errno));
    if (child == 0) {
        ::setsid();
        const sys::UniqueFd nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
        take_over(nothing.get(), notes.get());
        ready_ = std::move(write_end);
        return std::optional<int>{};
    }
    write_end.reset();
    const int status = wait_for(child, read_end.get());
    (void)::lseek(notes.get(), 0, SEEK_SET);
    if (const auto said = sys::read_all(notes.get())) {
        (void)sys::write_all(STDERR_FILENO, *said);
    }
    return std::optional<int>{status};
}

void Background::running(int exit_status) {
    if (!ready_) return;
    std::fflush(nullptr);
    const sys::UniqueFd nothing{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    take_over(nothing.get(), nothing.get());
    const char word = static_cast<char>(exit_status);
    (void)::send(ready_.get(), &word, 1, MSG_NOSIGNAL);
    ready_.reset();
}

}  // namespace kos::instance
