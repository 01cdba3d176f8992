// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/guest/process.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace kos::qemu {

namespace {

Outcome<sys::Pipe> make_pipe() {
    auto pipe = sys::make_pipe();
    if (!pipe) return fail(ErrorCode::Target, "pipe", sys::describe(pipe.error()));
    return std::move(pipe).value();
}

/// In the child: nothing but async-signal-safe calls. A failed exec is told through `failure`.
[[noreturn]] void become(const std::vector<char*>& arguments, std::span<const sys::Fd> inherited,
                         sys::Fd messages, sys::Fd failure, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // the parent went before prctl
    // Ctrl-C is for the parent.
    setsid();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(messages, STDOUT_FILENO);
    dup2(messages, STDERR_FILENO);
    for (const sys::Fd fd : inherited) fcntl(fd, F_SETFD, 0);
    execvp(arguments[0], arguments.data());
    const int error = errno;
    [[maybe_unused]] const auto told = write(failure, &error, sizeof(error));
    _exit(127);
}

}  // namespace

Outcome<Process> Process::start(const std::vector<std::string>& command,
                                std::span<const sys::Fd> inherited, const char* package) {
    sys::Pipe messages = KOS_TRY(make_pipe());
    sys::Pipe failure = KOS_TRY(make_pipe());
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);

    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return fail(ErrorCode::Target, "fork", std::strerror(errno));
    if (pid == 0) {
        become(arguments, inherited, messages.write.get(), failure.write.get(), parent);
    }
    auto pidfd = sys::open_pidfd(pid);
    if (!pidfd) {
        kill(pid, SIGKILL);
        (void)sys::reap(pid);
        return fail(ErrorCode::Target, "pidfd_open", sys::describe(pidfd.error()));
    }
    Process process{pid, std::move(pidfd).value(), std::move(messages.read)};
    failure.write.reset();
    if (const int error = sys::exec_error(failure.read.get()); error != 0) {
        return fail(ErrorCode::Target, command.front(),
                    std::string{std::strerror(error)} + " (Debian's package is " + package + ")");
    }
    fcntl(process.messages(), F_SETFL, O_NONBLOCK);
    return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      messages_(std::move(other.messages_)) {}

Process::~Process() {
    if (pid_ <= 0) return;
    (void)sys::send_signal(pidfd_.get(), SIGKILL);
    (void)sys::reap(pid_);
}

int Process::reap() {
    const auto status = sys::reap(std::exchange(pid_, -1));
    return status ? status.value() : -1;
}

}  // namespace kos::qemu
