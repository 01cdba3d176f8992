// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos run: packs an image in memory, boots it in the simulator or on seL4 under QEMU, and stands in
// for the app: its output, its exit status.

#include "cli/commands.hpp"
#include "cli/control/stopper.hpp"
#include "cli/image_input.hpp"
#include "cli/instance/background.hpp"
#include "cli/instance/name.hpp"
#include "cli/instance/owner.hpp"
#include "cli/instance_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/report.hpp"
#include "cli/run/timings.hpp"
#include "cli/target_input.hpp"
#include "cli/terminal.hpp"
#include "cli/tmpfs_input.hpp"
#include "cli/trace/log.hpp"
#include "cli/usage.hpp"

#include <cstdio>
#include <fstream>
#include <memory>

namespace kos::cli {
namespace {

constexpr std::string_view standard_error = "-";

struct Options {
    TargetOptions target;
    bool native = false;
    bool microvm = false;
    std::vector<std::string> tmpfs{};
    pack::ProcessOverrides process;
    pack::Restart restart;
    std::optional<std::string> report;
    std::optional<std::string> trace;
    /// The file for the waterfall, or standard_error.
    std::optional<std::string> timings;
    bool in_background = false;
    bool removes_itself = false;
    std::string name;  ///< of the instance; empty: it is none
};

/// The app's output goes where ours does; the log to standard error.
class AppTerminal final : public Terminal {
   public:
    using Terminal::Terminal;

    void app_output(std::uint8_t /*app*/, bool is_error, Bytes bytes) override {
        std::FILE* stream = is_error ? stderr : stdout;
        std::fwrite(bytes.data(), 1, bytes.size(), stream);
        std::fflush(stream);
    }
    void trace(Bytes records) override {
        if (trace_) trace_->receive(records);
    }
    /// Where the records of a trace go.
    void set_trace(trace::Log& log) { trace_ = &log; }

   private:
    trace::Log* trace_ = nullptr;
};

Outcome<pack::PackOptions> pack_options(const Options& options) {
    pack::PackOptions result{
        .kind = std::nullopt, .process = options.process, .restart = options.restart};
    result.uplink = options.target.simulator.uplink;
    if (options.native) result.kind = manifest::AppKind::Native;
    if (options.microvm) result.kind = manifest::AppKind::MicroVm;
    result.container.tmpfs = KOS_TRY(tmpfs_of(options.tmpfs));
    return result;
}

Outcome<int> status_of(const run::Session& session, const std::string& where) {
    const auto app = session.apps().find(0);
    if (app != session.apps().end() && app->second.failure) {
        return fail(app->second.failure->code, where, app->second.failure->detail);
    }
    if (app != session.apps().end() && app->second.exit) {
        return run::exit_status_of(app->second.exit->status);
    }
    return fail(ErrorCode::Target, where, "the app was not started; the log says why");
}

/// The waterfall, as text on standard error or as JSON in the file.
Outcome<void> tell_timings(const std::string& file, const manifest::ImageView& image,
                           const run::Session& session, const run::HostTimings& host) {
    std::vector<run::AppTimings> apps;
    for (const auto& [number, app] : session.apps()) {
        if (number >= image.app_count() || !app.timings) continue;
        apps.push_back({std::string{image.text(image.app(number).name)}, app.timings->counter_hz,
                        run::phases_of(*app.timings)});
    }
    if (file == standard_error) {
        std::fputs(to_text(apps, host).c_str(), stderr);
        return {};
    }
    return write_file(file, as_bytes(report::printed(to_json(apps, host))));
}

/// As an instance where \p owner is one.
Outcome<int> run_image(const std::string& reference, Options options, control::Stopper& stopper,
                       AppTerminal& terminal, instance::Owner* owner) {
    const auto begun = std::chrono::steady_clock::now();
    KOS_TRY(prepare_target(options.target));
    const auto image = KOS_TRY(pack_reference(reference, KOS_TRY(pack_options(options))));
    const auto view = KOS_TRY(report::open_system_image(image, reference));
    if (options.target.target == Target::Simulator) {
        KOS_TRY(fit_machine(view, options.target));
        const run::SimulatorOptions& machine = options.target.simulator;
        KOS_TRY(report::admit(view, machine.kernel_abi, machine.memory));
    }
    const auto packed = std::chrono::steady_clock::now();
    // A report that cannot be written is found out before the app runs, not after.
    if (options.report) KOS_TRY(write_file(*options.report, {}));
    if (options.timings && *options.timings != standard_error)
        KOS_TRY(write_file(*options.timings, {}));

    std::ofstream trace_file;
    trace::Log trace_log{view, [&](std::string_view line) { trace_file << line << '\n'; }};
    if (options.trace) {
        trace_file.open(*options.trace);
        if (!trace_file) return fail(ErrorCode::File, *options.trace);
        terminal.set_trace(trace_log);
    }
    if (owner != nullptr) {
        KOS_TRY(owner->set_apps(
            instance::apps_of(view, [&](const std::string& /*name*/) { return reference; }),
            KOS_TRY(inspection_of(view, options.target))));
    }
    run::Listener& listener = owner != nullptr ? static_cast<run::Listener&>(*owner) : terminal;
    control::Attendant& attendant =
        owner != nullptr ? static_cast<control::Attendant&>(*owner) : stopper;
    run::Session session{listener};
    const auto ran = run_on_target(image, reference, options.target, session, attendant);
    if (session.missing_frames() != 0) terminal.log("parts of the console's output were lost");
    if (options.report) {
        const std::string text = report::printed(run::report_of(view, image, session));
        KOS_TRY(write_file(*options.report, as_bytes(text)));
    }
    if (options.timings) {
        const run::HostTimings host{packed - begun, std::chrono::steady_clock::now() - packed};
        KOS_TRY(tell_timings(*options.timings, view, session, host));
    }
    if (const auto signal = stopper.given_up_for()) return 128 + *signal;
    if (!ran) return Err{ran.error()};
    return status_of(session, reference);
}

/// Keeps the run as an instance that other commands reach by its name.
Outcome<int> run_instance(const std::string& reference, const Options& options,
                          control::Stopper& stopper, AppTerminal& terminal,
                          instance::Background& background) {
    const auto owner = KOS_TRY(instance::Owner::create(
        {.name = options.name,
         .target = std::string{options.target.target == Target::Qemu ? instance::target_qemu
                                                                     : instance::target_simulator},
         .removes_itself = options.removes_itself,
         .waits_when_idle = options.in_background,
         .shown = &terminal,
         .up =
             [&](bool started) {
                 if (started) background.running(0);
             }},
        stopper));
    auto status = run_image(reference, options, stopper, terminal, owner.get());
    if (status) owner->finish(*status);
    return status;
}

/// The image and its arguments are what is left of the command line: nothing behind the image is an
/// option of ours.
Outcome<int> run_words(const std::vector<std::string>& words, Options options) {
    if (words.empty()) return fail(ErrorCode::Usage, "run", "IMAGE is missing");
    if (words.front().starts_with('-')) {
        return fail(ErrorCode::Usage, "run", "there is no option " + words.front());
    }
    options.process.arguments.assign(words.begin() + 1, words.end());
    options.target.simulator.trace = options.trace.has_value();
    instance::Background background;
    if (options.in_background) {
        if (options.name.empty()) options.name = instance::make_name(words.front());
        options.name = KOS_TRY(instance::checked_name(options.name));
        if (const auto status = KOS_TRY(background.split())) {
            if (*status == 0) std::printf("%s\n", options.name.c_str());
            return *status;
        }
    }
    // Before the first thread, so that all of them leave signals to it.
    control::Stopper stopper{KOS_TRY(control::Signals::create()), 0};
    AppTerminal terminal{stopper};
    if (options.name.empty()) return run_image(words.front(), options, stopper, terminal, nullptr);
    return run_instance(words.front(), options, stopper, terminal, background);
}

void add_process_options(CLI::App& command, pack::ProcessOverrides& process) {
    // One value each, or a last --env would take the image for another one.
    command.add_option("-e,--env", process.environment, "NAME=VALUE: set a variable")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("-w,--workdir", process.working_directory, "working directory");
    command.add_option("-u,--user", process.user, "USER[:GROUP], names or numbers");
    command.add_option("--entrypoint", process.entrypoint, "in place of the image's");
    command.add_flag("--read-only", process.read_only_root,
                     "the root filesystem cannot be written (a native app's never can)");
}

void add_restart_options(CLI::App& command, pack::Restart& restart) {
    command.add_option_function<std::string>(
        "--restart",
        [&restart](const std::string& text) {
            const auto parsed = pack::parse_restart(text);
            if (!parsed) throw CLI::ValidationError("--restart", text + " is no restart policy");
            restart.policy = parsed->policy;
            restart.limit = parsed->limit;
        },
        "when the app has ended: no (default), always, on-failure[:MOST]");
    command.add_option("--restart-delay", restart.delay, "milliseconds between end and restart");
}

}  // namespace

void add_run_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("run", "Run an image");
    auto options = std::make_shared<Options>();
    command->formatter(std::make_shared<Usage>("IMAGE [ARGUMENT...]"));
    command->footer(
        "IMAGE is oci:PATH[:TAG]; kos:NAME, natively, or docker:NAME, in a microVM, of the local "
        "store\n(kos import); or a LinuxKit file, FILE.yml (docs/linuxkit.md). Arguments take the "
        "place of its Cmd.\nExits as the app does.");
    command->prefix_command();
    CLI::Option* native =
        command->add_flag("--native", options->native, "in an address space of its own");
    command->add_flag("--microvm", options->microvm, "in a Linux guest of its own")
        ->excludes(native);
    add_process_options(*command, options->process);
    add_tmpfs_option(*command, options->tmpfs);
    add_restart_options(*command, options->restart);
    add_target_options(*command, options->target);
    command->add_flag("-d,--detach", options->in_background,
                      "in the background; prints the instance's name once it runs");
    command->add_option("--name", options->name,
                        "of the instance that this is (docs/instances.md)");
    command->add_flag("--rm", options->removes_itself,
                      "the instance goes when it has ended; without --name or -d there is none");
    command->add_option("--trace", options->trace,
                        "file for the root server's kernel invocations, in names");
    command->add_option("--report", options->report, "file for a report of what was used (JSON)");
    command
        ->add_flag("--timings{-}", options->timings,
                   "how long each phase took from reset to the app's first instruction; with a "
                   "file: as JSON into it")
        ->option_text("[=FILE]");
    command->callback([options, command, &action] {
        const std::vector<std::string> words = command->remaining();
        action = [options, words] { return run_words(words, *options); };
    });
}

}  // namespace kos::cli
