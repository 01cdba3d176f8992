// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/qemu/machine.hpp"

#include "cli/qemu/command.hpp"
#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace kos::qemu {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto quit_patience = std::chrono::seconds{5};

struct SocketPair {
    sys::UniqueFd ours;
    sys::UniqueFd childs;
};

Outcome<SocketPair> make_sockets() {
    std::array<int, 2> fds{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
        return fail(ErrorCode::Target, "socketpair", std::strerror(errno));
    }
    return SocketPair{sys::UniqueFd{fds[0]}, sys::UniqueFd{fds[1]}};
}

/// In the child: nothing but async-signal-safe calls. A failed exec is told through `failure`.
[[noreturn]] void become_qemu(const std::vector<char*>& arguments, int serial, int monitor,
                              int failure, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // the parent went before prctl
    // Ctrl-C is for the parent, which blocks signals that QEMU is to have.
    setsid();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // Above the numbers that dup2 is about to give out.
    const int serial_copy = fcntl(serial, F_DUPFD_CLOEXEC, 10);
    const int monitor_copy = fcntl(monitor, F_DUPFD_CLOEXEC, 10);
    const int failure_copy = fcntl(failure, F_DUPFD_CLOEXEC, 10);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    dup2(serial_copy, serial_fd);
    dup2(monitor_copy, monitor_fd);
    execvp(arguments[0], arguments.data());
    const int error = errno;
    [[maybe_unused]] const auto told = write(failure_copy, &error, sizeof(error));
    _exit(127);
}

}  // namespace

Machine::Machine(pid_t process, sys::UniqueFd serial, sys::UniqueFd monitor)
    : process_(process), serial_(std::move(serial)), monitor_(std::move(monitor)) {}

Machine::Machine(Machine&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      serial_(std::move(other.serial_)),
      monitor_(std::move(other.monitor_)) {}

Machine::~Machine() { switch_off(); }

Outcome<Machine> Machine::start(const std::vector<std::string>& command) {
    SocketPair serial = KOS_TRY(make_sockets());
    SocketPair monitor = KOS_TRY(make_sockets());
    auto failure = sys::make_pipe();
    if (!failure) return fail(ErrorCode::Target, "pipe", sys::describe(failure.error()));

    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);

    const pid_t parent = getpid();
    const pid_t process = fork();
    if (process < 0) return fail(ErrorCode::Target, "fork", std::strerror(errno));
    if (process == 0) {
        become_qemu(arguments, serial.childs.get(), monitor.childs.get(), failure->write.get(),
                    parent);
    }
    Machine machine{process, std::move(serial.ours), std::move(monitor.ours)};
    failure->write.reset();
    if (const int error = sys::exec_error(failure->read.get()); error != 0) {
        return fail(ErrorCode::Target, command.front(),
                    std::string{std::strerror(error)} + " (Debian's package is qemu-system-arm)");
    }
    return machine;
}

bool Machine::attend(control::Attendant& attendant) {
    const auto bytes = attendant.attend();
    if (!bytes) return false;
    // What QEMU does not take is sent again: a command, until it is acknowledged.
    [[maybe_unused]] const auto sent =
        send(serial_.get(), bytes->data(), bytes->size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

Outcome<Ending> Machine::run(const SerialSink& sink, std::chrono::milliseconds timeout,
                             control::Attendant* attendant) {
    const auto deadline = Clock::now() + timeout;
    std::array<std::byte, 4096> buffer{};
    Ending ending = Ending::TimedOut;
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) break;
        std::array<pollfd, 2> waiting{pollfd{serial_.get(), POLLIN, 0}, pollfd{-1, POLLIN, 0}};
        auto patience = left;
        if (attendant != nullptr) {
            waiting[1].fd = attendant->fd();
            patience = std::min(left, control::Attendant::interval);
        }
        const int ready = poll(waiting.data(), waiting.size(), static_cast<int>(patience.count()));
        if (ready < 0 && errno != EINTR) break;
        if (ready > 0 && waiting[0].revents != 0) {
            const ssize_t got = read(serial_.get(), buffer.data(), buffer.size());
            if (got <= 0) {
                ending = Ending::Exited;
                break;
            }
            if (!sink(Bytes{buffer}.first(static_cast<std::size_t>(got)))) {
                ending = Ending::SwitchedOff;
                break;
            }
        }
        // What the target said may have an answer.
        if (attendant != nullptr && !attend(*attendant)) {
            ending = Ending::GivenUp;
            break;
        }
    }
    switch_off();
    return ending;
}

void Machine::switch_off() {
    if (process_ <= 0) return;
    constexpr std::string_view quit = R"({"execute": "qmp_capabilities"})"
                                      "\n"
                                      R"({"execute": "quit"})"
                                      "\n";
    [[maybe_unused]] const auto sent =
        send(monitor_.get(), quit.data(), quit.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    const auto deadline = Clock::now() + quit_patience;
    int status = 0;
    while (waitpid(process_, &status, WNOHANG) == 0) {
        if (Clock::now() > deadline) kill(process_, SIGKILL);
        // QEMU cannot end while its serial line blocks: take what it still says.
        std::array<std::byte, 4096> rest{};
        pollfd serial{serial_.get(), POLLIN, 0};
        if (poll(&serial, 1, 1) > 0 && read(serial_.get(), rest.data(), rest.size()) <= 0) {
            usleep(1000);
        }
    }
    process_ = -1;
}

}  // namespace kos::qemu
