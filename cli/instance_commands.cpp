// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos ps, logs, stop, kill, wait, rm: instances that other processes of kos run.

#include "cli/commands.hpp"
#include "cli/instance/client.hpp"
#include "cli/instance/log.hpp"
#include "cli/instance/name.hpp"
#include "lib/linux/signal_name.hpp"

#include <csignal>
#include <cstdio>
#include <memory>

namespace kos::cli {
namespace {

using instance::App;
using instance::AppState;
using instance::Folder;
using instance::State;

struct Options {
    std::vector<std::string> names;
    bool all = false;
    bool quiet = false;
    bool follow = false;
    bool timestamps = false;
    bool force = false;
    std::string format = "table";
    std::optional<std::size_t> tail;
    std::optional<std::string> signal;
    std::optional<std::int64_t> seconds;
};

/// An instance, and those of its apps that a name stands for.
struct Selected {
    Folder folder;
    State state;
    std::vector<std::uint32_t> apps;
};

Outcome<Selected> select(const std::string& name) {
    const auto selector = KOS_TRY(instance::parse_selector(name));
    Folder folder = KOS_TRY(Folder::find(selector.instance));
    State state = KOS_TRY(instance::read_state(folder));
    std::vector<std::uint32_t> apps;
    for (const App& app : state.apps) {
        if (selector.app.empty() || app.name == selector.app) apps.push_back(app.number);
    }
    if (apps.empty() && !selector.app.empty()) {
        return fail(ErrorCode::InstanceMissing, name, "the instance has no such app");
    }
    return Selected{std::move(folder), std::move(state), std::move(apps)};
}

/// Does it for each name; goes on after an error, and gives the last one.
template <class Do>
Outcome<int> each(const std::vector<std::string>& names, Do act) {
    std::optional<Error> failed;
    for (const std::string& name : names) {
        if (failed) std::fprintf(stderr, "kos: %s\n", to_string(*failed).c_str());
        failed.reset();
        if (const Outcome<void> done = act(name); !done) failed = done.error();
    }
    if (failed) return Err{std::move(*failed)};
    return 0;
}

std::string status_of(const App& app) {
    if (app.state != AppState::Stopped) return std::string{instance::name_of(app.state)};
    return "stopped (" + (app.exit_status ? std::to_string(*app.exit_status) : "status unknown") +
           ")";
}

void print_app(const State& state, const App& app, const Options& options) {
    const std::string name = state.apps.size() > 1 ? state.name + "/" + app.name : state.name;
    if (options.quiet) {
        std::printf("%s\n", name.c_str());
    } else if (options.format == "json") {
        const auto time = [](const std::optional<instance::Time>& at) {
            return at ? nlohmann::ordered_json(instance::to_text(*at)) : nullptr;
        };
        nlohmann::ordered_json json{{"Name", name},
                                    {"Project", state.name},
                                    {"Service", app.name},
                                    {"Image", app.image},
                                    {"Kind", app.kind},
                                    {"Target", state.target},
                                    {"State", instance::name_of(app.state)},
                                    {"ExitCode", nullptr},
                                    {"CreatedAt", instance::to_text(state.created)},
                                    {"StartedAt", time(app.started)},
                                    {"FinishedAt", time(app.ended)}};
        if (app.exit_status) json["ExitCode"] = *app.exit_status;
        std::printf("%s\n",
                    json.dump(-1, ' ', false, decltype(json)::error_handler_t::replace).c_str());
    } else {
        std::printf("%-24s %-8s %-6s %-24s %-20.19s %s\n", name.c_str(), app.kind.c_str(),
                    state.target.c_str(), status_of(app).c_str(),
                    app.started ? instance::to_text(*app.started).c_str() : "-", app.image.c_str());
    }
}

Outcome<int> list(const Options& options) {
    if (options.format == "table" && !options.quiet) {
        std::printf("%-24s %-8s %-6s %-24s %-20s %s\n", "NAME", "KIND", "TARGET", "STATUS",
                    "STARTED (UTC)", "IMAGE");
    }
    return each(KOS_TRY(Folder::list()), [&](const std::string& name) -> Outcome<void> {
        const Folder folder = KOS_TRY(Folder::find(name));
        const State state = KOS_TRY(instance::read_state(folder));
        for (const App& app : state.apps) {
            if (options.all || app.state != AppState::Stopped) print_app(state, app, options);
        }
        return {};
    });
}

void print_entry(const instance::LogEntry& entry, bool timestamps) {
    std::FILE* stream = entry.stream == instance::Stream::Output ? stdout : stderr;
    if (timestamps) std::fprintf(stream, "%s ", entry.time.c_str());
    if (entry.stream == instance::Stream::Target) std::fputs("kos: ", stream);
    std::fwrite(entry.text.data(), 1, entry.text.size(), stream);
    std::fflush(stream);
}

Outcome<int> show_logs(const Options& options) {
    const Selected selected = KOS_TRY(select(options.names.front()));
    auto watch = KOS_TRY(instance::Watch::create(selected.folder));
    std::vector<std::uint32_t> files = selected.apps;
    files.push_back(instance::no_app);
    instance::LogReader reader{selected.folder, files};
    std::optional<std::size_t> tail = options.tail;
    for (;;) {
        // Asked first: what was written until the end is read below.
        const bool is_running = selected.folder.is_running();
        const auto entries = reader.read();
        const std::size_t left_out =
            tail && *tail < entries.size() ? entries.size() - *tail : std::size_t{0};
        for (std::size_t i = left_out; i < entries.size(); ++i) {
            print_entry(entries[i], options.timestamps);
        }
        tail.reset();
        if (!options.follow || !is_running) return 0;
        (void)watch.wait(std::chrono::seconds{1});
    }
}

bool are_stopped(const Folder& folder, const State& state, const std::vector<std::uint32_t>& apps) {
    if (!folder.is_running()) return true;
    for (const App& app : state.apps) {
        const bool is_meant = std::find(apps.begin(), apps.end(), app.number) != apps.end();
        if (is_meant && app.state != AppState::Stopped) return false;
    }
    // All that there is: its process ends as well.
    return apps.size() < state.apps.size();
}

/// Whether they stopped in time.
Outcome<bool> wait_for_end(const Selected& selected, std::optional<std::chrono::seconds> limit) {
    auto watch = KOS_TRY(instance::Watch::create(selected.folder));
    const auto begun = std::chrono::steady_clock::now();
    for (;;) {
        const State state = KOS_TRY(instance::read_state(selected.folder));
        if (are_stopped(selected.folder, state, selected.apps)) return true;
        if (limit && std::chrono::steady_clock::now() - begun > *limit) return false;
        (void)watch.wait(std::chrono::seconds{1});
    }
}

Outcome<std::uint32_t> signal_in(const std::string& text) {
    const auto number = sys::parse_signal(text);
    if (!number) return fail(ErrorCode::Usage, text, "there is no such signal");
    return static_cast<std::uint32_t>(*number);
}

/// While it packs an instance has no apps yet: waits for them, or for its end.
Outcome<void> wait_for_apps(Selected& selected, const std::string& name) {
    auto watch = KOS_TRY(instance::Watch::create(selected.folder));
    while (selected.state.apps.empty() && selected.folder.is_running()) {
        (void)watch.wait(std::chrono::seconds{1});
        if (!selected.folder.is_running()) break;
        selected = KOS_TRY(select(name));
    }
    if (selected.state.apps.empty()) return fail(ErrorCode::InstanceStopped, name);
    return {};
}

/// Tells the apps that run; 0 of \p milliseconds: at once, by SIGKILL.
Outcome<void> tell(Selected& selected, const std::string& name, std::optional<std::uint32_t> signal,
                   std::optional<std::uint32_t> milliseconds) {
    KOS_TRY(wait_for_apps(selected, name));
    auto client = KOS_TRY(instance::Client::connect(selected.folder));
    for (const App& app : selected.state.apps) {
        const auto& apps = selected.apps;
        if (std::find(apps.begin(), apps.end(), app.number) == apps.end()) continue;
        if (app.state == AppState::Stopped) continue;
        const std::string what = selected.state.name + "/" + app.name;
        const auto number = static_cast<std::uint8_t>(app.number);
        msg::StopCommand stop;
        stop.signal = signal.value_or(app.stop_signal);
        stop.milliseconds_to_kill = milliseconds.value_or(app.stop_grace_ms);
        const bool kills = stop.milliseconds_to_kill == 0 || stop.signal == SIGKILL;
        const auto done = kills
                              ? client.request(what, msg::FrameType::Kill, number)
                              : client.request(what, msg::FrameType::Stop, number, bytes_of(stop));
        // It may have ended by itself in the meantime.
        if (!done && done.error().code != ErrorCode::InstanceStopped) return Err{done.error()};
    }
    return {};
}

Outcome<void> stop(const std::string& name, const Options& options) {
    Selected selected = KOS_TRY(select(name));
    std::optional<std::uint32_t> signal, milliseconds;
    if (options.signal) signal = KOS_TRY(signal_in(*options.signal));
    if (options.seconds) {
        milliseconds = *options.seconds < 0 ? msg::StopCommand::never
                                            : static_cast<std::uint32_t>(*options.seconds * 1000);
    }
    if (selected.folder.is_running()) {
        KOS_TRY(tell(selected, name, signal, milliseconds));
        (void)KOS_TRY(wait_for_end(selected, {}));
    }
    std::printf("%s\n", name.c_str());
    return {};
}

Outcome<void> kill_apps(const std::string& name, const Options& options) {
    Selected selected = KOS_TRY(select(name));
    const auto signal = KOS_TRY(signal_in(options.signal.value_or("KILL")));
    KOS_TRY(tell(selected, name, signal, msg::StopCommand::never));
    std::printf("%s\n", name.c_str());
    return {};
}

Outcome<void> wait_apps(const std::string& name) {
    const Selected selected = KOS_TRY(select(name));
    (void)KOS_TRY(wait_for_end(selected, {}));
    for (const App& app : KOS_TRY(instance::read_state(selected.folder)).apps) {
        const auto& apps = selected.apps;
        if (std::find(apps.begin(), apps.end(), app.number) == apps.end()) continue;
        std::printf("%s\n", app.exit_status ? std::to_string(*app.exit_status).c_str() : "unknown");
    }
    return {};
}

Outcome<void> remove(const std::string& name, const Options& options) {
    Folder folder = KOS_TRY(Folder::find(name));
    if (options.force && folder.is_running()) {
        Selected selected = KOS_TRY(select(name));
        KOS_TRY(tell(selected, name, SIGKILL, 0));
        if (!KOS_TRY(wait_for_end(selected, std::chrono::seconds{10}))) {
            return fail(ErrorCode::InstanceSilent, name, "it was killed and goes on");
        }
        // One that was started with --rm has gone by itself.
        if (!Folder::find(name)) {
            std::printf("%s\n", name.c_str());
            return {};
        }
    }
    KOS_TRY(folder.remove());
    std::printf("%s\n", name.c_str());
    return {};
}

using Act = Outcome<void> (*)(const std::string& name, const Options& options);

CLI::App* add(CLI::App& app, Action& action, const char* name, const char* what,
              const std::shared_ptr<Options>& options, Act act) {
    CLI::App* command = app.add_subcommand(name, what);
    command->add_option("NAME", options->names, "instances, or INSTANCE/APP")->required();
    command->callback([options, act, &action] {
        action = [options, act] {
            return each(options->names,
                        [&](const std::string& each_name) { return act(each_name, *options); });
        };
    });
    return command;
}

void add_list(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("ps", "List instances");
    auto options = std::make_shared<Options>();
    command->add_flag("-a,--all", options->all, "those that have stopped as well");
    command->add_flag("-q,--quiet", options->quiet, "names only");
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    command->callback([options, &action] { action = [options] { return list(*options); }; });
}

void add_logs(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("logs", "Show what an instance wrote");
    auto options = std::make_shared<Options>();
    command->add_option("NAME", options->names, "an instance, or INSTANCE/APP")
        ->required()
        ->expected(1);
    command->add_flag("-f,--follow", options->follow, "go on until it has ended");
    command->add_flag("-t,--timestamps", options->timestamps, "with the time of each line");
    command->add_option_function<std::string>(
        "-n,--tail",
        [options](const std::string& text) {
            if (text == "all") return;
            std::size_t lines = 0;
            if (!CLI::detail::lexical_cast(text, lines)) {
                throw CLI::ValidationError("--tail", text + " is no number");
            }
            options->tail = lines;
        },
        "so many lines from the end, or all");
    command->callback([options, &action] { action = [options] { return show_logs(*options); }; });
}

}  // namespace

void add_instance_commands(CLI::App& app, Action& action) {
    add_list(app, action);
    add_logs(app, action);
    auto stops = std::make_shared<Options>();
    CLI::App* command =
        add(app, action, "stop", "Stop instances: signal, deadline, SIGKILL", stops, stop);
    command->add_option("-t,--timeout", stops->seconds, "seconds until it is killed; -1: never")
        ->check(CLI::Range(-1, 4'000'000));
    command->add_option("-s,--signal", stops->signal, "in place of its own");
    auto kills = std::make_shared<Options>();
    command = add(app, action, "kill", "Send instances a signal", kills, kill_apps);
    command->add_option("-s,--signal", kills->signal, "by name or number; SIGKILL by default");
    add(app, action, "wait", "Wait until instances have ended, print their statuses",
        std::make_shared<Options>(),
        [](const std::string& name, const Options&) { return wait_apps(name); });
    auto removes = std::make_shared<Options>();
    command = add(app, action, "rm", "Take instances that have ended away", removes, remove);
    command->add_flag("-f,--force", removes->force, "kill one that runs");
}

}  // namespace kos::cli
