// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// create, run, start, kill, delete.
#include "oci-runtime/cli/command.hpp"
#include "oci-runtime/cli/id_pattern.hpp"
#include "oci-runtime/cli/signal_name.hpp"
#include "oci-runtime/process/foreground.hpp"
#include "oci-runtime/process/removal.hpp"

#include <array>
#include <cstdlib>
#include <functional>
#include <signal.h>
#include <unistd.h>

namespace kos::oci {

namespace {

constexpr auto create_options = std::to_array<Option>({
    {"bundle", 'b', true, "folder with config.json (default: the working directory)"},
    {"config", 'f', true, "use this file instead of config.json"},
    {"console-socket", '\0', true, "UNIX socket that receives the terminal"},
    {"pid-file", '\0', true, "file to write the process id to"},
    {"preserve-fds", '\0', true, "descriptors to pass on besides the standard ones"},
    {"no-pivot", '\0', false, "move the root instead of pivoting it"},
    {"no-new-keyring", '\0', false, "keep the caller's session keyring"},
    {"no-subreaper", '\0', false, "accepted; there is none"},
});

constexpr auto run_options = std::to_array<Option>({
    {"bundle", 'b', true, "folder with config.json (default: the working directory)"},
    {"config", 'f', true, "use this file instead of config.json"},
    {"console-socket", '\0', true, "UNIX socket that receives the terminal"},
    {"pid-file", '\0', true, "file to write the process id to"},
    {"preserve-fds", '\0', true, "descriptors to pass on besides the standard ones"},
    {"no-pivot", '\0', false, "move the root instead of pivoting it"},
    {"no-new-keyring", '\0', false, "keep the caller's session keyring"},
    {"no-subreaper", '\0', false, "accepted; there is none"},
    {"detach", 'd', false, "do not wait for the process"},
    {"keep", '\0', false, "keep the container when it has ended"},
});

constexpr auto kill_options = std::to_array<Option>({
    {"all", 'a', false, "all processes of the container"},
    {"regex", 'r', false, "ID is a regular expression: every container that matches"},
});

constexpr auto delete_options = std::to_array<Option>({
    {"force", 'f', false, "end its processes first; no error where there is none"},
    {"regex", 'r', false, "ID is a regular expression: every container that matches"},
});

constexpr std::array<Option, 0> no_options{};

Warn warn_to(const Global& global) {
    return [&global](const std::string& text) { global.log.warning(text); };
}

/// The descriptors of socket activation (sd_listen_fds(3)), where they are meant for this process.
unsigned listen_fds() {
    const char* const process = std::getenv("LISTEN_PID");
    const char* const count = std::getenv("LISTEN_FDS");
    if (process == nullptr || count == nullptr || std::atoi(process) != ::getpid()) return 0;
    return static_cast<unsigned>(std::clamp(std::atoi(count), 0, most_preserved_fds));
}

Result<LaunchOptions> launch_options(const Global& global, const Arguments& arguments) {
    LaunchOptions options;
    options.id = arguments.positionals().front();
    options.bundle = arguments.has("bundle") ? arguments.value("bundle") : ".";
    options.config_file = arguments.value("config");
    options.pid_file = arguments.value("pid-file");
    options.console_socket = arguments.value("console-socket");
    options.listen_fds = listen_fds();
    options.preserved_fds = KOS_TRY(preserved_fds(arguments)) + options.listen_fds;
    options.no_pivot = arguments.has("no-pivot");
    options.new_keyring = !arguments.has("no-new-keyring");
    options.cgroup_manager = global.cgroup_manager;
    options.seccomp_cache = global.seccomp_cache;
    options.warn = warn_to(global);
    return options;
}

Result<int> create(const Global& global, const Arguments& arguments) {
    const LaunchOptions options = KOS_TRY(launch_options(global, arguments));
    static_cast<void>(KOS_TRY(create_container(global.store, options)));
    return 0;
}

Result<int> run(const Global& global, const Arguments& arguments) {
    const LaunchOptions options = KOS_TRY(launch_options(global, arguments));
    if (arguments.has("detach")) {
        const Launched launched = KOS_TRY(run_container(global.store, options));
        if (!launched.terminal) return 0;
        KOS_TRY(delete_container(global.store, options.id, true, options.warn));
        return fail("--console-socket", "is needed to detach: /process/terminal is true");
    }
    const Foreground foreground = KOS_TRY(Foreground::create());
    const Launched launched = KOS_TRY(run_container(global.store, options));
    const int status =
        KOS_TRY(foreground.wait(launched.record.pid, launched.pidfd, launched.terminal));
    if (!arguments.has("keep")) {
        KOS_TRY(delete_container(global.store, options.id, true, options.warn));
    }
    return status;
}

Result<int> start(const Global& global, const Arguments& arguments) {
    for (const std::string& id : arguments.positionals()) {
        KOS_TRY(start_container(KOS_TRY(global.store.open(id)), warn_to(global)));
    }
    return 0;
}

Result<void> open_and_signal(const Global& global, const std::string& id, int signal, bool all) {
    return signal_container(KOS_TRY(global.store.open(id)), signal, all);
}

/// With --regex each container that matches, and a failure is a warning, as with crun.
Result<void> for_each_named(const Global& global, const Arguments& arguments,
                            std::span<const std::string> names,
                            const std::function<Result<void>(const std::string& id)>& act) {
    if (!arguments.has("regex")) {
        for (const std::string& id : names) KOS_TRY(act(id));
        return {};
    }
    for (const std::string& name : names) {
        const IdPattern pattern = KOS_TRY(IdPattern::parse(name));
        for (const std::string& id : global.store.ids()) {
            if (!pattern.matches(id)) continue;
            if (const auto done = act(id); !done) global.log.warning(done.error().text());
        }
    }
    return {};
}

Result<int> kill(const Global& global, const Arguments& arguments) {
    const auto& words = arguments.positionals();
    const int signal = words.size() > 1 ? KOS_TRY(parse_signal(words[1])) : SIGTERM;
    KOS_TRY(for_each_named(global, arguments, {words.data(), 1}, [&](const std::string& id) {
        return open_and_signal(global, id, signal, arguments.has("all"));
    }));
    return 0;
}

Result<int> remove(const Global& global, const Arguments& arguments) {
    KOS_TRY(for_each_named(global, arguments, arguments.positionals(), [&](const std::string& id) {
        return delete_container(global.store, id, arguments.has("force"), warn_to(global));
    }));
    return 0;
}

constexpr auto commands = std::to_array<Command>({
    {"create", "[OPTION…] ID", "make a container, up to its program", create_options, Order::Mixed,
     1, 1, create, true},
    {"run", "[OPTION…] ID", "make a container and run its program", run_options, Order::Mixed, 1, 1,
     run, true},
    {"start", "ID…", "run the program of a created container", no_options, Order::Mixed, 1,
     any_number, start},
    {"kill", "[-ar] ID [SIGNAL]", "send a signal (default TERM)", kill_options, Order::Mixed, 1, 2,
     kill},
    {"delete", "[-fr] ID…", "remove what is left of a container", delete_options, Order::Mixed, 1,
     any_number, remove},
});

}  // namespace

std::span<const Command> lifecycle_commands() { return commands; }

}  // namespace kos::oci
