// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/container.hpp"

#include "kosinit/supervise/container_state.hpp"
#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace kos::init {

namespace {

/// As a shell has it: 127 where the program is not there, 126 where it cannot be executed; 125 for
/// all that is not the program's.
int status_of_failure(std::string_view why) {
    if (!why.starts_with("/process/args")) return 125;
    const bool is_missing = why.find("No such file") != std::string_view::npos ||
                            why.find("not found") != std::string_view::npos;
    return is_missing ? 127 : 126;
}

}  // namespace

Container::Container(Context& context, ContainerPlan plan, OnChange on_change)
    : context_(context),
      plan_(std::move(plan)),
      on_change_(std::move(on_change)),
      output_(context.loop, sink(guest::Stream::Output)),
      error_(context.loop, sink(guest::Stream::Error)),
      input_(context) {}

Pump::Sink Container::sink(guest::Stream stream) {
    return {.take = [this, stream](
                        std::string_view bytes) { context_.journal.append(name(), stream, bytes); },
            .has_room = [this](std::size_t size) { return context_.journal.has_room(size); }};
}

guest::ContainerStatus Container::status() const {
    return {.name = plan_.name,
            .state = state_,
            .is_ready = is_ready_,
            .pid = static_cast<std::uint32_t>(pid_),
            .wait_status = static_cast<std::uint32_t>(wait_status_),
            .oom_kills = oom_kills_,
            .restarts = runs_ == 0 ? 0 : runs_ - 1,
            .started_ns = started_ns_,
            .ended_ns = ended_ns_,
            .error = failure_};
}

void Container::start() {
    is_active_ = true;
    is_ready_ = false;
    ++runs_;
    failure_.clear();
    // Without one the process gets /dev/null.
    auto output = sys::make_pipe().value_or({});
    auto error = sys::make_pipe().value_or({});
    auto input = plan_.has_input ? sys::make_pipe().value_or({}) : sys::Pipe{};
    const StandardFiles files{input.read.get(), output.write.get(), error.write.get()};
    if (output.read) output_.open(std::move(output.read));
    if (error.read) error_.open(std::move(error.read));
    if (input.write) input_.open(std::move(input.write));
    context_.launcher.run(
        name(), plan_.bundle, plan_.runtime, files,
        {.started = [this](pid_t pid,
                           sys::UniqueFd terminal) { on_started(pid, std::move(terminal)); },
         .failed = [this](const std::string& why) { on_failed(why); },
         .warning =
             [this](const std::string& text) {
                 context_.journal.tell("container " + name() + ": " + text);
             }});
}

void Container::on_started(pid_t pid, sys::UniqueFd terminal) {
    pid_ = pid;
    state_ = guest::ContainerState::Running;
    started_ns_ = boot_time_ns();
    has_terminal_ = static_cast<bool>(terminal);
    if (terminal) {
        input_.open(sys::UniqueFd{::fcntl(terminal.get(), F_DUPFD_CLOEXEC, 3)});
        output_.open(std::move(terminal));
    }
    on_change_(*this);
    context_.children.watch(pid, [this](int status) { on_process_end(status); });
}

void Container::on_failed(const std::string& why) {
    failure_ = why;
    wait_status_ = status_of_failure(why) << 8;
    context_.journal.tell(Error{ErrorCode::GuestContainer, "container " + name(), why});
    finish(guest::ContainerState::Failed);
}

void Container::on_process_end(int status) {
    wait_status_ = status;
    pid_ = 0;
    ended_ns_ = boot_time_ns();
    oom_kills_ = oom_kills_of(name());
    context_.launcher.remove(name(), [this](const std::string& problem) { on_removed(problem); });
}

void Container::on_removed(const std::string& problem) {
    if (!problem.empty()) context_.journal.tell("container " + name() + ": " + problem);
    if (oom_kills_ > 0) {
        context_.journal.tell(Error{ErrorCode::GuestMemory, "container " + name(),
                                    std::to_string(oom_kills_) + " killed"});
    }
    finish(guest::ContainerState::Stopped);
}

void Container::finish(guest::ContainerState state) {
    output_.drain();
    error_.drain();
    input_.close();
    context_.journal.tell("container " + name() + ": exit " +
                          std::to_string(sys::exit_code_of(wait_status_)));
    is_active_ = false;
    is_ready_ = false;
    state_ = state;
    on_change_(*this);
}

void Container::set_ready() {
    is_ready_ = true;
    on_change_(*this);
}

void Container::signal(int number, bool all) const {
    if (pid_ == 0) return;
    if (all) signal_group(name(), number);
    ::kill(pid_, number);
}

void Container::resize(std::uint16_t rows, std::uint16_t columns) const {
    if (!has_terminal_ || !output_.is_open()) return;
    const winsize size{rows, columns, 0, 0};
    ::ioctl(output_.fd(), TIOCSWINSZ, &size);
}

void Container::resume_output() {
    output_.resume();
    error_.resume();
}

}  // namespace kos::init
