// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos ps and logs: instances, as their folders tell.

#include "cli/commands.hpp"
#include "cli/instance/client.hpp"
#include "cli/instance/log.hpp"
#include "cli/instance_input.hpp"
#include "cli/run/labelled_output.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <memory>
#include <set>
#include <unistd.h>
#include <utility>

namespace kos::cli {
namespace {

using instance::App;
using instance::AppState;
using instance::Folder;
using instance::State;

struct ListOptions {
    bool all = false;
    bool quiet = false;
    std::string format = "table";
};

struct LogOptions {
    InstanceNames names;
    bool follow = false;
    bool timestamps = false;
    bool no_color = false;
    std::optional<std::size_t> tail;
};

std::string status_of(const App& app) {
    if (app.state != AppState::Stopped) return std::string{instance::name_of(app.state)};
    return "stopped (" + (app.exit_status ? std::to_string(*app.exit_status) : "status unknown") +
           ")";
}

void print_app(const State& state, const App& app, const ListOptions& options) {
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
        json["Ports"] = app.ports;
        if (app.exit_status) json["ExitCode"] = *app.exit_status;
        std::printf("%s\n",
                    json.dump(-1, ' ', false, decltype(json)::error_handler_t::replace).c_str());
    } else {
        std::string ports;
        for (const std::string& port : app.ports) ports += (ports.empty() ? "" : ", ") + port;
        std::printf("%-24s %-8s %-6s %-24s %-20.19s %-24s %s\n", name.c_str(), app.kind.c_str(),
                    state.target.c_str(), status_of(app).c_str(),
                    app.started ? instance::to_text(*app.started).c_str() : "-",
                    ports.empty() ? "-" : ports.c_str(), app.image.c_str());
    }
}

Outcome<int> list(const ListOptions& options) {
    if (options.format == "table" && !options.quiet) {
        std::printf("%-24s %-8s %-6s %-24s %-20s %-24s %s\n", "NAME", "KIND", "TARGET", "STATUS",
                    "STARTED (UTC)", "PORTS", "IMAGE");
    }
    return for_each_name(KOS_TRY(Folder::list()), [&](const std::string& name) -> Outcome<void> {
        const auto folder = Folder::find(name);
        if (!folder) return {};  // it has gone meanwhile
        const auto state = instance::read_state(*folder);
        if (!state) return Folder::find(name) ? Outcome<void>{Err{state.error()}} : Outcome<void>{};
        for (const App& app : state->apps) {
            if (options.all || app.state != AppState::Stopped) print_app(*state, app, options);
        }
        return {};
    });
}

/// Shows entries of the logs: those of a system's apps behind their names.
class LogView {
   public:
    LogView(const SelectedApps& selected, const LogOptions& options)
        : is_labelled_(selected.is_whole && selected.state.apps.size() > 1),
          timestamps_(options.timestamps),
          names_(names_of(selected.state)),
          output_(names_, !options.no_color && isatty(STDOUT_FILENO) == 1, write) {}

    void show(const instance::LogEntry& entry) {
        const std::string time = timestamps_ ? entry.time + " " : std::string{};
        const std::string text = time + entry.text;
        if (entry.stream == instance::Stream::Target) {
            const bool is_named = is_labelled_ && entry.app < names_.size();
            write(true,
                  "kos: " + time +
                      (is_named ? run::behind_name(names_[entry.app], entry.text) : entry.text));
        } else if (const bool is_error = entry.stream == instance::Stream::Error; is_labelled_) {
            output_.app_output(entry.app, is_error, as_bytes(text));
        } else {
            write(is_error, text);
        }
    }

   private:
    /// By the apps' numbers.
    static std::vector<std::string> names_of(const State& state) {
        std::vector<std::string> names;
        for (const App& app : state.apps) {
            names.resize(std::max<std::size_t>(names.size(), app.number + 1));
            names[app.number] = app.name;
        }
        return names;
    }
    static void write(bool is_error, std::string_view line) {
        std::FILE* stream = is_error ? stderr : stdout;
        std::fwrite(line.data(), 1, line.size(), stream);
        std::fflush(stream);
    }

    bool is_labelled_, timestamps_;
    std::vector<std::string> names_;
    run::LabelledOutput output_;
};

/// What one container of several wrote: the lines behind its name (vmm/control/line_labels.hpp).
class ContainerLines {
   public:
    explicit ContainerLines(const std::string& container) : label_(container + " | ") {}

    /// Its lines, without its name.
    void keep_own(std::vector<instance::LogEntry>& entries) {
        std::erase_if(entries, [&](instance::LogEntry& entry) { return !is_own(entry); });
        has_some_ |= !entries.empty();
    }
    [[nodiscard]] bool has_some() const { return has_some_; }
    [[nodiscard]] std::string others() const {
        std::string text;
        for (const std::string& name : others_) text += (text.empty() ? "" : ", ") + name;
        return text;
    }

   private:
    bool is_own(instance::LogEntry& entry) {
        if (entry.stream == instance::Stream::Target) return false;
        // The rest of a line that was cut has no name before it.
        bool& of_last = of_last_[entry.stream == instance::Stream::Error ? 1 : 0];
        bool& is_cut = is_cut_[entry.stream == instance::Stream::Error ? 1 : 0];
        const bool goes_on = std::exchange(is_cut, !entry.text.ends_with('\n'));
        if (goes_on) return of_last;
        of_last = entry.text.starts_with(label_);
        if (of_last) {
            entry.text.erase(0, label_.size());
        } else if (const std::size_t end = entry.text.find(" | "); end != std::string::npos) {
            others_.insert(entry.text.substr(0, end));
        }
        return of_last;
    }

    std::string label_;
    std::array<bool, 2> of_last_{}, is_cut_{};  ///< of output and of errors
    std::set<std::string> others_;
    bool has_some_ = false;
};

Outcome<void> show_logs(const std::string& name, const LogOptions& options) {
    SelectedApps selected = KOS_TRY(select_container(name));
    // The only container of a guest has that name, and none before its lines.
    const bool is_of_container = !selected.container.empty() && selected.container != "main";
    ContainerLines lines{selected.container};
    if (options.follow) {
        (void)KOS_TRY(wait_until(selected, {}, [&] { return !selected.state.apps.empty(); }));
    }
    std::vector<instance::LogSource> sources{{instance::no_app}};
    for (const App& app : selected.state.apps) {
        if (!selected.has(app)) continue;
        sources.push_back({app.number, app.log.files});
        if (app.log.keeps_output) continue;
        const std::string why = "nothing that it writes is kept: its logging driver is none";
        if (!selected.is_whole) return fail(ErrorCode::Unsupported, name, why);
        std::fprintf(stderr, "kos: note: %s/%s: %s\n", name.c_str(), app.name.c_str(), why.c_str());
    }
    LogView view{selected, options};
    instance::LogReader reader{selected.folder, sources};
    std::size_t most = options.tail.value_or(std::numeric_limits<std::size_t>::max());
    auto watch = KOS_TRY(instance::Watch::create(selected.folder));
    for (;;) {
        // Asked first: what was written until the end is read below.
        const bool is_running = selected.folder.is_running();
        auto entries = reader.read();
        if (is_of_container) lines.keep_own(entries);
        const std::size_t left_out = entries.size() - std::min(most, entries.size());
        for (std::size_t i = left_out; i < entries.size(); ++i) view.show(entries[i]);
        most = std::numeric_limits<std::size_t>::max();
        if (!options.follow || !is_running) break;
        (void)watch.wait(std::chrono::seconds{1});
    }
    if (is_of_container && !lines.has_some()) {
        std::fprintf(stderr, "kos: note: %s: no line of such a container; there are those of: %s\n",
                     name.c_str(), lines.others().c_str());
    }
    return {};
}

void add_ps(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("ps", "List instances");
    auto options = std::make_shared<ListOptions>();
    command->add_flag("-a,--all", options->all, "those that have stopped as well");
    command->add_flag("-q,--quiet", options->quiet, "names only");
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    command->callback([options, &action] { action = [options] { return list(*options); }; });
}

void add_logs(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("logs", "Show what instances wrote");
    auto options = std::make_shared<LogOptions>();
    add_instance_names(*command, options->names, "--file");
    command->add_flag("-f,--follow", options->follow, "go on until the instance has ended");
    command->add_flag("-t,--timestamps", options->timestamps, "with the time of each line");
    command->add_flag("--no-color", options->no_color, "names without colours");
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
    command->callback([options, &action] {
        action = [options]() -> Outcome<int> {
            return for_each_name(KOS_TRY(resolve(options->names)), [&](const std::string& name) {
                return show_logs(name, *options);
            });
        };
    });
}

}  // namespace

void add_list_commands(CLI::App& app, Action& action) {
    add_ps(app, action);
    add_logs(app, action);
}

}  // namespace kos::cli
