// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/foreground.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/raw_terminal.hpp"

#include <array>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>

namespace kos::oci {

namespace {

void copy_size(const sys::UniqueFd& terminal) {
    winsize size{};
    if (::ioctl(0, TIOCGWINSZ, &size) == 0) ::ioctl(terminal.get(), TIOCSWINSZ, &size);
}

/// Whether there may be more.
bool copy_some(sys::Fd from, sys::Fd to) {
    std::array<char, 8192> buffer;
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;
    return sys::write_all(to, {buffer.data(), static_cast<std::size_t>(count)}).ok();
}

void forward_signal(sys::Fd signals, const sys::UniqueFd& pidfd, const sys::UniqueFd& terminal) {
    signalfd_siginfo info{};
    if (::read(signals, &info, sizeof info) != sizeof info) return;
    const int number = static_cast<int>(info.ssi_signo);
    if (number == SIGCHLD) return;
    if (number == SIGWINCH && terminal) return copy_size(terminal);
    static_cast<void>(sys::send_signal(pidfd.get(), number));
}

}  // namespace

Result<Foreground> Foreground::create() {
    sigset_t all;
    ::sigfillset(&all);
    // Errors of our own, and job control of our own terminal.
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTTOU, SIGTTIN, SIGPIPE}) {
        ::sigdelset(&all, number);
    }
    KOS_TRY(explain(sys::done(::sigprocmask(SIG_BLOCK, &all, nullptr)), "", "sigprocmask"));
    return Foreground{sys::UniqueFd{
        KOS_TRY(explain(sys::check(::signalfd(-1, &all, SFD_CLOEXEC)), "", "signalfd"))}};
}

Result<int> Foreground::wait(pid_t pid, const sys::UniqueFd& pidfd,
                             const sys::UniqueFd& terminal) const {
    std::optional<sys::RawTerminal> raw;
    if (terminal) {
        raw.emplace(STDIN_FILENO);
        copy_size(terminal);
    }
    enum { Signals, Process, Output, Input };
    std::array<pollfd, 4> entries{{{signals_.get(), POLLIN, 0},
                                   {pidfd.get(), POLLIN, 0},
                                   {terminal ? terminal.get() : -1, POLLIN, 0},
                                   {terminal ? 0 : -1, POLLIN, 0}}};
    for (;;) {
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) {
            return fail("", "poll", sys::Errno{errno});
        }
        if (entries[Signals].revents != 0) forward_signal(signals_.get(), pidfd, terminal);
        // What the process wrote last comes before its end.
        if (entries[Output].revents != 0) {
            if (!copy_some(terminal.get(), 1)) entries[Output].fd = -1;
            continue;
        }
        if (entries[Input].revents != 0 && !copy_some(0, terminal.get())) entries[Input].fd = -1;
        if (entries[Process].revents != 0) break;
    }
    const int status = KOS_TRY(explain(sys::reap(pid), "", "waiting"));
    return sys::exit_code_of(status);
}

}  // namespace kos::oci
