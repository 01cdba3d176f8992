// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos exec: another program in the container of a microVM, on our standard streams.

#include "cli/commands.hpp"
#include "cli/instance/guest_client.hpp"
#include "cli/instance_input.hpp"
#include "cli/run/session.hpp"
#include "cli/usage.hpp"
#include "lib/guest/encode.hpp"
#include "lib/linux/file.hpp"
#include "lib/linux/raw_terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace kos::cli {
namespace {

using guest::FrameType;
using instance::GuestClient;

struct Options {
    InstanceNames names;
    bool is_interactive = false;
    bool has_terminal = false;
    std::vector<std::string> environment;
    std::string directory, user;
    std::vector<std::string> arguments;
};

/// Signals that are passed on, and SIGWINCH, as something to wait for.
Outcome<sys::UniqueFd> block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    sys::UniqueFd signals{::signalfd(-1, &set, SFD_CLOEXEC)};
    if (!signals) return fail(ErrorCode::Target, "signalfd", std::strerror(errno));
    return signals;
}

Err<Error> not_understood(const std::string& where) {
    return fail(ErrorCode::InstanceSilent, where, "what its guest sends is not understood");
}

/// Nothing where standard output is no terminal.
std::optional<guest::Resize> terminal_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return std::nullopt;
    return guest::Resize{size.ws_row, size.ws_col};
}

/// Between our standard streams and a process in the guest, which runs.
class ProcessStreams {
   public:
    ProcessStreams(GuestClient& client, sys::UniqueFd signals, const Options& options)
        : client_(client), signals_(std::move(signals)), has_input_(options.is_interactive) {}

    /// Until the process has ended; its exit status.
    Outcome<int> run() {
        if (!has_input_) out_ += guest::encode(guest::InputEnd{});
        for (;;) {
            while (const auto frame = KOS_TRY(client_.take())) {
                if (const auto status = KOS_TRY(handle(*frame))) return *status;
            }
            // The program may wait for its output to be read before it reads more.
            const bool takes_input = has_input_ && out_.empty();
            const short events = out_.empty() ? POLLIN : POLLIN | POLLOUT;
            std::array<pollfd, 3> waiting{pollfd{client_.fd(), events, 0},
                                          pollfd{signals_.get(), POLLIN, 0},
                                          pollfd{takes_input ? STDIN_FILENO : -1, POLLIN, 0}};
            if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
            if (waiting[1].revents != 0) pass_signal();
            if (waiting[2].revents != 0) pass_input();
            if ((waiting[0].revents & ~POLLOUT) != 0) KOS_TRY(client_.fill());
            if (!out_.empty()) KOS_TRY(client_.send_some(out_));
        }
    }

   private:
    [[nodiscard]] static Outcome<std::optional<int>> handle(const guest::Frame& frame) {
        if (frame.type == FrameType::Output) {
            const auto output = guest::decode<guest::Output>(frame.payload);
            if (!output) return not_understood("exec");
            const bool is_error = output->stream == guest::Stream::Error;
            // Where nobody reads it any more we are told by SIGPIPE.
            (void)sys::write_all(is_error ? STDERR_FILENO : STDOUT_FILENO, as_text(output->bytes));
        } else if (frame.type == FrameType::Exited) {
            const auto exited = guest::decode<guest::Exited>(frame.payload);
            if (!exited) return not_understood("exec");
            return std::optional{run::exit_status_of(exited->wait_status)};
        }
        return std::optional<int>{};
    }

    void pass_signal() {
        signalfd_siginfo signal{};
        if (::read(signals_.get(), &signal, sizeof(signal)) != sizeof(signal)) return;
        if (signal.ssi_signo != SIGWINCH) {
            out_ += guest::encode(guest::SignalProcess{signal.ssi_signo});
        } else if (const auto size = terminal_size()) {
            out_ += guest::encode(*size);
        }
    }

    void pass_input() {
        std::array<std::byte, guest::longest_part> buffer;
        const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
        has_input_ = got > 0;
        out_ +=
            has_input_
                ? guest::encode(guest::Input{Bytes{buffer}.first(static_cast<std::size_t>(got))})
                : guest::encode(guest::InputEnd{});
    }

    GuestClient& client_;
    sys::UniqueFd signals_;
    bool has_input_;
    std::string out_;  ///< frames that are to be sent
};

std::string request_of(const Options& options, const std::string& container) {
    std::vector<std::string> environment = options.environment;
    const bool has_term = std::ranges::any_of(
        environment, [](const std::string& variable) { return variable.starts_with("TERM="); });
    if (options.has_terminal && !has_term) {
        const char* term = std::getenv("TERM");
        environment.push_back(std::string{"TERM="} + (term != nullptr ? term : "xterm"));
    }
    std::string arguments_storage, environment_storage;
    guest::Exec request;
    request.container = container;
    request.directory = options.directory;
    request.user = options.user;
    request.arguments = guest::make_list(options.arguments, arguments_storage);
    request.environment = guest::make_list(environment, environment_storage);
    if (options.has_terminal) {
        request.flags = guest::Exec::terminal;
        const auto size = terminal_size();
        request.rows = size ? size->rows : 24;
        request.columns = size ? size->columns : 80;
    }
    return guest::encode(request);
}

Outcome<int> exec(const Options& options) {
    const std::string name = KOS_TRY(resolve(options.names)).front();
    const SelectedApps selected = KOS_TRY(select_container(name));
    if (selected.apps.size() != 1) {
        return fail(ErrorCode::Usage, name, "it has several apps: name one, INSTANCE/APP");
    }
    if (options.has_terminal && isatty(STDIN_FILENO) != 1) {
        return fail(ErrorCode::Usage, "-t", "standard input is no terminal");
    }
    auto client = KOS_TRY(GuestClient::connect(selected.folder, selected.state,
                                               *selected.state.find(selected.apps[0])));
    sys::UniqueFd signals = KOS_TRY(block_signals());
    KOS_TRY(client.send(request_of(options, KOS_TRY(client.container(selected.container)))));
    if (KOS_TRY(client.receive()).type != FrameType::Started) {
        return not_understood(name);
    }
    std::optional<sys::RawTerminal> raw;
    if (options.has_terminal) raw.emplace(STDIN_FILENO);
    return ProcessStreams{client, std::move(signals), options}.run();
}

}  // namespace

void add_exec_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("exec", "Run a program in a microVM's container");
    auto options = std::make_shared<Options>();
    command->formatter(std::make_shared<Usage>("NAME[/CONTAINER] COMMAND [ARGUMENT...]"));
    command->footer("NAME is a service of the compose project of this folder, or an instance.");
    command->prefix_command();
    add_project_of_names(*command, options->names, "--file");
    command->add_flag("-i,--interactive", options->is_interactive, "with our standard input");
    command->add_flag("-t,--tty", options->has_terminal, "on a terminal of its own");
    command->add_option("-e,--env", options->environment, "NAME=VALUE: set a variable")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_option("-w,--workdir", options->directory, "working directory");
    command->add_option("-u,--user", options->user, "UID[:GID]");
    command->callback([options, command, &action] {
        std::vector<std::string> words = command->remaining();
        if (!words.empty() && words.front().starts_with('-')) {
            throw CLI::ExtrasError({words.front()});
        }
        if (words.size() < 2) throw CLI::RequiredError("NAME COMMAND");
        options->names.names = {words.front()};
        options->arguments.assign(words.begin() + 1, words.end());
        action = [options] { return exec(*options); };
    });
}

}  // namespace kos::cli
