// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos start, stop, restart, kill, wait, rm, down: what becomes of instances that other processes of
// kos run.

#include "cli/commands.hpp"
#include "cli/instance/client.hpp"
#include "cli/instance_input.hpp"
#include "cli/system/volumes.hpp"
#include "lib/linux/signal_name.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>

namespace kos::cli {
namespace {

using instance::App;
using instance::AppState;
using instance::Client;
using instance::Folder;
using instance::Inventory;
using msg::FrameType;

/// For the process of an instance to end, once no app is left.
constexpr std::chrono::seconds patience{10};

struct Options {
    InstanceNames names;
    bool force = false;
    bool verbose = false;
    bool volumes = false;
    std::optional<std::string> signal;
    std::optional<std::int64_t> seconds;
};

void print(const std::string& name) { std::printf("%s\n", name.c_str()); }

/// As the options say, or as each app's record does.
Outcome<msg::StopCommand> stop_command(const Options& options) {
    msg::StopCommand how;
    how.signal = msg::StopCommand::own_signal;
    how.milliseconds_to_kill = msg::StopCommand::own_grace;
    if (options.signal) {
        const auto number = sys::parse_signal(*options.signal);
        if (!number) return fail(ErrorCode::Usage, *options.signal, "there is no such signal");
        how.signal = static_cast<std::uint32_t>(*number);
    }
    if (options.seconds) {
        how.milliseconds_to_kill = *options.seconds < 0
                                       ? msg::StopCommand::never
                                       : static_cast<std::uint32_t>(*options.seconds * 1000);
    }
    return how;
}

/// Of an instance that runs. While it packs it has no apps yet: waits for them, or for its end.
Outcome<Client> client_of(SelectedApps& selected) {
    if (!KOS_TRY(wait_until(selected, {}, [&] { return !selected.state.apps.empty(); }))) {
        return fail(ErrorCode::InstanceStopped, selected.name);
    }
    return Client::connect(selected.folder);
}

/// All of an instance at once, which keeps their order, or one app.
std::uint8_t number_of(const SelectedApps& selected) {
    return selected.is_whole ? msg::no_app : static_cast<std::uint8_t>(selected.apps.front());
}

/// One that has ended by itself in the meantime is as it is wanted.
Outcome<void> done_or_stopped(const Outcome<std::vector<instance::Answer>>& answers) {
    if (answers || answers.error().code == ErrorCode::InstanceStopped) return {};
    return Err{answers.error()};
}

Outcome<void> wait_for_starts(SelectedApps& selected, const std::vector<App>& before) {
    const auto is_up = [&](const App& app) {
        if (!selected.has(app)) return true;
        for (const App& was : before) {
            if (was.number != app.number) continue;
            return app.starts != was.starts || app.cancelled != was.cancelled ||
                   (!app.error.empty() && app.ended != was.ended);
        }
        return true;
    };
    const auto& apps = selected.state.apps;
    if (!KOS_TRY(wait_until(selected, {}, [&] { return std::ranges::all_of(apps, is_up); }))) {
        return fail(ErrorCode::InstanceStopped, selected.name, "it ended meanwhile");
    }
    for (const App& app : apps) {
        if (!selected.has(app)) continue;
        if (!app.error.empty()) {
            return fail(ErrorCode::InstanceStopped, selected.name, app.error);
        }
        const auto was = std::ranges::find(before, app.number, &App::number);
        if (was != before.end() && app.cancelled != was->cancelled && app.starts == was->starts) {
            return fail(ErrorCode::InstanceStopped, selected.name + "/" + app.name,
                        "its start was cancelled: it was stopped before");
        }
    }
    return {};
}

Outcome<void> start(const std::string& name, const Options& /*options*/) {
    SelectedApps selected = KOS_TRY(select(name));
    Client client = KOS_TRY(client_of(selected));
    std::vector<App> before = selected.state.apps;
    std::erase_if(before, [](const App& app) { return app.state == AppState::Running; });
    KOS_TRY(client.request(name, FrameType::Start, number_of(selected)));
    KOS_TRY(wait_for_starts(selected, before));
    print(name);
    return {};
}

Outcome<void> restart(const std::string& name, const Options& options) {
    SelectedApps selected = KOS_TRY(select(name));
    const msg::StopCommand how = KOS_TRY(stop_command(options));
    Client client = KOS_TRY(client_of(selected));
    const std::vector<App> before = selected.state.apps;
    if (selected.is_whole) {
        KOS_TRY(client.request(name, FrameType::Stop, msg::no_app, bytes_of(how)));
        KOS_TRY(client.request(name, FrameType::Start, msg::no_app));
    } else {
        KOS_TRY(client.request(name, FrameType::Restart, number_of(selected), bytes_of(how)));
    }
    KOS_TRY(wait_for_starts(selected, before));
    print(name);
    return {};
}

Outcome<void> stop(const std::string& name, const Options& options) {
    SelectedApps selected = KOS_TRY(select(name));
    const msg::StopCommand how = KOS_TRY(stop_command(options));
    if (selected.folder.is_running()) {
        Client client = KOS_TRY(client_of(selected));
        KOS_TRY(done_or_stopped(
            client.request(name, FrameType::Stop, number_of(selected), bytes_of(how))));
        (void)KOS_TRY(wait_until(selected, {}, [&] { return selected.are_stopped(); }));
    }
    print(name);
    return {};
}

/// Sends each of the selected apps that run a signal.
Outcome<void> kill_apps(SelectedApps& selected, const msg::StopCommand& how) {
    Client client = KOS_TRY(client_of(selected));
    for (const App& app : selected.state.apps) {
        // One that has ended may be about to be restarted.
        if (!selected.has(app)) continue;
        const std::string what = selected.state.name + "/" + app.name;
        const auto number = static_cast<std::uint8_t>(app.number);
        KOS_TRY(done_or_stopped(
            how.signal == SIGKILL ? client.request(what, FrameType::Kill, number)
                                  : client.request(what, FrameType::Stop, number, bytes_of(how))));
    }
    return {};
}

Outcome<void> kill(const std::string& name, const Options& options) {
    SelectedApps selected = KOS_TRY(select(name));
    msg::StopCommand how = KOS_TRY(stop_command(options));
    if (!options.signal) how.signal = SIGKILL;
    how.milliseconds_to_kill = msg::StopCommand::never;
    KOS_TRY(kill_apps(selected, how));
    print(name);
    return {};
}

Outcome<void> wait_for_end(const std::string& name, const Options& /*options*/) {
    SelectedApps selected = KOS_TRY(select(name));
    (void)KOS_TRY(wait_until(selected, {}, [&] { return selected.are_stopped(); }));
    for (const App& app : selected.state.apps) {
        if (!selected.has(app)) continue;
        print(app.exit_status ? std::to_string(*app.exit_status) : "unknown");
    }
    return {};
}

/// The process of an instance without running apps ends, and its folder goes.
Outcome<void> shut_down(SelectedApps& selected) {
    if (selected.folder.is_running()) {
        Client client = KOS_TRY(client_of(selected));
        KOS_TRY(done_or_stopped(client.request(selected.name, FrameType::Shutdown, msg::no_app)));
        const auto is_over = [&] { return !selected.folder.is_running(); };
        (void)KOS_TRY(wait_until(selected, {}, is_over));
    }
    return {};
}

/// One that was started with --rm has gone by itself.
Outcome<void> remove_folder(SelectedApps& selected) {
    return Folder::find(selected.name) ? selected.folder.remove() : Outcome<void>{};
}

/// One that nobody runs goes whatever is left of it.
Outcome<void> remove_damaged(const std::string& name, const Error& damage) {
    auto folder = Folder::find(name);
    if (!folder || folder->is_running()) return Err{damage};
    KOS_TRY(folder->remove());
    print(name);
    return {};
}

Outcome<void> remove(const std::string& name, const Options& options) {
    auto found = select(name);
    if (!found && found.error().code == ErrorCode::InstanceFolder && options.force) {
        return remove_damaged(name, found.error());
    }
    SelectedApps selected = KOS_TRY(std::move(found));
    if (options.force && selected.folder.is_running()) {
        msg::StopCommand how;
        how.signal = SIGKILL;
        KOS_TRY(kill_apps(selected, how));
        if (!KOS_TRY(wait_until(selected, patience, [&] { return selected.are_stopped(); })) &&
            selected.folder.is_running()) {
            return fail(ErrorCode::InstanceSilent, name, "it was killed and goes on");
        }
    }
    if (!selected.is_whole) {
        Client client = KOS_TRY(client_of(selected));
        KOS_TRY(client.request(name, FrameType::Remove, number_of(selected)));
    } else {
        if (!selected.are_stopped()) return fail(ErrorCode::InstanceRunning, name);
        KOS_TRY(shut_down(selected));
        KOS_TRY(remove_folder(selected));
    }
    print(name);
    return {};
}

/// What the root server had before the first app, and has again.
Outcome<void> tell_inventory(const std::string& name, const std::optional<Inventory>& before,
                             const std::optional<Inventory>& after) {
    if (!before || !after)
        return fail(ErrorCode::Target, name, "it did not tell what was given back");
    const auto row = [](const char* what, std::uint64_t first, std::uint64_t last) {
        std::printf("%-16s %16llu %16llu\n", what, static_cast<unsigned long long>(first),
                    static_cast<unsigned long long>(last));
    };
    std::printf("%-16s %16s %16s\n", "FREE", "BEFORE", "AFTER");
    row("bytes", before->untyped_bytes, after->untyped_bytes);
    row("untypeds", before->untypeds, after->untypeds);
    row("slots", before->slots, after->slots);
    if (*before == *after) return {};
    return fail(ErrorCode::Target, name, "not all that its apps had was given back");
}

Outcome<void> down(const std::string& name, const Options& options) {
    SelectedApps selected = KOS_TRY(select(name));
    if (!selected.is_whole) return fail(ErrorCode::Usage, name, "down is of a whole instance");
    if (options.seconds && selected.folder.is_running()) {
        const msg::StopCommand how = KOS_TRY(stop_command(options));
        Client client = KOS_TRY(client_of(selected));
        KOS_TRY(done_or_stopped(
            client.request(name, FrameType::Stop, number_of(selected), bytes_of(how))));
        (void)KOS_TRY(wait_until(selected, {}, [&] { return selected.are_stopped(); }));
    }
    const bool has_run = selected.folder.is_running();
    KOS_TRY(shut_down(selected));
    if (has_run) (void)selected.read_again();  // one that takes itself away has told nothing
    KOS_TRY(remove_folder(selected));
    if (options.volumes) KOS_TRY(system::remove_volumes(system::volume_folder(), name));
    print(name);
    if (!options.verbose || !has_run) return {};
    return tell_inventory(name, selected.state.before, selected.state.after);
}

using Act = Outcome<void> (*)(const std::string& name, const Options& options);

/// What a command takes beside names.
enum Takes : unsigned {
    Nothing = 0,
    Signal = 1,
    Timeout = 2,
    Force = 4,
    Verbose = 8,
    Volumes = 16
};

void add(CLI::App& app, Action& action, const char* name, const char* what, unsigned takes,
         Act act) {
    CLI::App* command = app.add_subcommand(name, what);
    auto options = std::make_shared<Options>();
    const char* file_flags = (takes & Force) != 0 ? "--file" : "-f,--file";
    add_instance_names(*command, options->names, file_flags);
    if ((takes & Signal) != 0) {
        command->add_option("-s,--signal", options->signal, "by name or number");
    }
    if ((takes & Timeout) != 0) {
        command
            ->add_option("-t,--timeout", options->seconds,
                         "seconds until apps that still run are killed; -1: never")
            ->check(CLI::Range(-1, 4'000'000));
    }
    if ((takes & Force) != 0) command->add_flag("-f,--force", options->force, "kill what runs");
    if ((takes & Volumes) != 0) {
        command->add_flag("-v,--volumes", options->volumes,
                          "remove the project's volumes too, and what is on them");
    }
    if ((takes & Verbose) != 0) {
        command->add_flag("--verbose", options->verbose,
                          "what memory and slots were free before the first app, and after");
    }
    command->callback([options, act, &action] {
        action = [options, act]() -> Outcome<int> {
            return for_each_name(KOS_TRY(resolve(options->names)),
                                 [&](const std::string& each) { return act(each, *options); });
        };
    });
}

}  // namespace

void add_life_commands(CLI::App& app, Action& action) {
    add(app, action, "start", "Start apps of a system that runs, and what they depend on", Nothing,
        start);
    add(app, action, "stop", "Stop instances or apps: signal, deadline, SIGKILL", Signal | Timeout,
        stop);
    add(app, action, "restart", "Stop apps of a system and start them again", Signal | Timeout,
        restart);
    add(app, action, "kill", "Send instances or apps a signal; SIGKILL by default", Signal, kill);
    add(app, action, "wait", "Wait until instances or apps have ended, print their statuses",
        Nothing, wait_for_end);
    add(app, action, "rm", "Take away instances or apps that have ended", Force, remove);
    add(app, action, "down", "Stop a system, dependents first, and take it away",
        Timeout | Verbose | Volumes, down);
}

}  // namespace kos::cli
