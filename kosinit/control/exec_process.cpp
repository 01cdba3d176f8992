// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/control/exec_process.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/cli/user_option.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace kos::init {

namespace {

oci::Result<oci::ExecChanges> changes_of(const guest::Exec& request) {
    oci::ExecChanges changes;
    request.arguments.for_each([&](std::string_view text) { changes.args.emplace_back(text); });
    request.environment.for_each([&](std::string_view text) { changes.env.emplace_back(text); });
    changes.cwd = request.directory;
    changes.terminal = (request.flags & guest::Exec::terminal) != 0;
    if (request.rows != 0 && request.columns != 0) {
        changes.console_size = oci::ConsoleSize{request.rows, request.columns};
    }
    if (!request.user.empty()) {
        changes.user = KOS_TRY(oci::parse_user(std::string{request.user}));
    }
    return changes;
}

}  // namespace

ExecProcess::ExecProcess(Context& context, const guest::Exec& request, Events events)
    : context_(context),
      events_(std::move(events)),
      output_(context.loop, sink(guest::Stream::Output)),
      error_(context.loop, sink(guest::Stream::Error)),
      input_(context) {
    const auto changes = changes_of(request);
    if (!changes) {
        context.timers.after(
            0, [this, alive = std::weak_ptr{is_alive_}, why = changes.error().text()] {
                if (!alive.expired()) on_failed(why);
            });
        return;
    }
    sys::Pipe output, error, input;
    if (!changes->terminal) {
        // Without one the process gets /dev/null.
        output = sys::make_pipe().value_or({});
        error = sys::make_pipe().value_or({});
        input = sys::make_pipe().value_or({});
    }
    const StandardFiles files{input.read.get(), output.write.get(), error.write.get()};
    if (output.read) output_.open(std::move(output.read));
    if (error.read) error_.open(std::move(error.read));
    if (input.write) input_.open(std::move(input.write));
    const std::weak_ptr<bool> alive = is_alive_;
    context_.launcher.execute(std::string{request.container}, *changes, files,
                              {.started =
                                   [this, alive](pid_t pid, sys::UniqueFd terminal) {
                                       // Nobody wants it any more.
                                       if (alive.expired()) return void(::kill(pid, SIGKILL));
                                       on_started(pid, std::move(terminal));
                                   },
                               .failed =
                                   [this, alive](const std::string& why) {
                                       if (!alive.expired()) on_failed(why);
                                   }});
}

ExecProcess::~ExecProcess() {
    if (pid_ == 0) return;
    context_.children.forget(pid_);
    ::kill(pid_, SIGKILL);
}

Pump::Sink ExecProcess::sink(guest::Stream stream) {
    return {.take = [this, stream](std::string_view bytes) { events_.output(stream, bytes); },
            // Nothing goes before the word that it has started.
            .has_room = [this](std::size_t) { return pid_ != 0 && events_.has_room(); }};
}

void ExecProcess::on_started(pid_t pid, sys::UniqueFd terminal) {
    pid_ = pid;
    has_terminal_ = static_cast<bool>(terminal);
    if (terminal) {
        input_.open(sys::UniqueFd{::fcntl(terminal.get(), F_DUPFD_CLOEXEC, 3)});
        output_.open(std::move(terminal));
    }
    events_.started(pid);
    resume();
    context_.children.watch(pid, [this](int status) { on_end(status); });
}

void ExecProcess::on_failed(const std::string& why) {
    // The last call: it may end this object.
    const auto failed = events_.failed;
    failed(why);
}

void ExecProcess::on_end(int status) {
    pid_ = 0;
    output_.drain();
    error_.drain();
    input_.close();
    // The last call: it may end this object.
    const auto exited = events_.exited;
    exited(status);
}

void ExecProcess::resize(std::uint16_t rows, std::uint16_t columns) const {
    if (!has_terminal_ || !output_.is_open()) return;
    const winsize size{rows, columns, 0, 0};
    ::ioctl(output_.fd(), TIOCSWINSZ, &size);
}

void ExecProcess::signal(int number) const {
    if (pid_ != 0) ::kill(pid_, number);
}

void ExecProcess::resume() {
    output_.resume();
    error_.resume();
}

}  // namespace kos::init
