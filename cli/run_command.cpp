// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos run: packs an image in memory, boots it in the simulator or on seL4 under QEMU, and stands in
// for the app: its output, its exit status.

#include "cli/commands.hpp"
#include "cli/control/stopper.hpp"
#include "cli/image_input.hpp"
#include "cli/kernel/install.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/qemu_target.hpp"
#include "cli/run/report.hpp"
#include "cli/run/simulator.hpp"
#include "cli/run/timings.hpp"
#include "cli/trace/log.hpp"

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>

namespace kos::cli {
namespace {

enum class Target : std::uint8_t { Simulator, Qemu };

constexpr std::string_view standard_error = "-";

struct Options {
    Target target = Target::Simulator;
    bool native = false;
    bool microvm = false;
    bool has_memory = false;    ///< --memory was given
    bool as_installed = false;  ///< the simulated kernel has the installed one's labels and sizes
    pack::ProcessOverrides process;
    pack::Restart restart;
    run::SimulatorOptions simulator;
    std::string board = run::QemuOptions{}.board;
    std::optional<boot_image::Placement> placement;
    std::optional<std::string> report;
    std::optional<std::string> trace;
    /// The file for the waterfall, or standard_error.
    std::optional<std::string> timings;
};

/// The app's output goes where ours does; the log to standard error.
class Terminal final : public run::Listener {
   public:
    explicit Terminal(control::Stopper& stopper) : stopper_(stopper) {}

    void answer(const msg::Frame& frame) override {
        if (frame.type != msg::FrameType::Acknowledged) return;
        const auto record = read_at<msg::AckRecord>(frame.payload, 0);
        if (record) stopper_.acknowledged(record->sequence);
    }
    void app_output(std::uint8_t /*app*/, bool is_error, Bytes bytes) override {
        std::FILE* stream = is_error ? stderr : stdout;
        std::fwrite(bytes.data(), 1, bytes.size(), stream);
        std::fflush(stream);
    }
    void log(std::string_view line) override { say("kos: ", line); }
    void console(std::string_view line) override { say("kos: console: ", line); }
    void trace(Bytes records) override {
        if (trace_) trace_->receive(records);
    }
    /// Where the records of a trace go.
    void set_trace(trace::Log& log) { trace_ = &log; }

   private:
    control::Stopper& stopper_;
    trace::Log* trace_ = nullptr;

    static void say(const char* label, std::string_view line) {
        std::fprintf(stderr, "%s%.*s\n", label, static_cast<int>(line.size()), line.data());
    }
};

pack::PackOptions pack_options(const Options& options) {
    pack::PackOptions result{
        .kind = std::nullopt, .process = options.process, .restart = options.restart};
    if (options.native) result.kind = manifest::AppKind::Native;
    if (options.microvm) result.kind = manifest::AppKind::MicroVm;
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

Outcome<void> run_on_target(Bytes image, const std::string& reference, const Options& options,
                            run::Session& session, control::Attendant& attendant) {
    if (options.target == Target::Qemu) {
        const run::SimulatorOptions& common = options.simulator;
        return run::run_in_qemu(image,
                                {options.board, target_folder(), common.timeout, options.placement,
                                 common.trace, common.seed},
                                session, &attendant);
    }
    return run::run_in_simulator(image, reference, options.simulator, session, &attendant);
}

/// Guests come on top of what the simulated machine has for native apps.
std::uint64_t guest_memory_of(const manifest::ImageView& view) {
    std::uint64_t bytes = 0;
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        const manifest::App app = view.app(number);
        if (app.vm != 0) bytes += view.vm(app).memory;
    }
    return bytes;
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

Outcome<int> run_image(const std::string& reference, Options options, control::Stopper& stopper) {
    const auto begun = std::chrono::steady_clock::now();
    if (options.target == Target::Qemu) KOS_TRY(run::find_board(options.board));
    const auto image = KOS_TRY(pack_reference(reference, pack_options(options)));
    const auto view = KOS_TRY(report::open_system_image(image, reference));
    if (options.target == Target::Simulator) {
        if (!options.has_memory) options.simulator.memory += guest_memory_of(view);
        if (options.as_installed) {
            options.simulator.kernel_abi =
                KOS_TRY(kernel::find_install(options.board, kernel::process_environment())).abi;
            options.simulator.kernel_abi.flags = sel4::default_abi().flags;  // the machine's own
        }
        KOS_TRY(report::admit(view, options.simulator.kernel_abi, options.simulator.memory));
    }
    const auto packed = std::chrono::steady_clock::now();
    // A report that cannot be written is found out before the app runs, not after.
    if (options.report) KOS_TRY(write_file(*options.report, {}));
    if (options.timings && *options.timings != standard_error)
        KOS_TRY(write_file(*options.timings, {}));

    Terminal terminal{stopper};
    std::ofstream trace_file;
    trace::Log trace_log{view, [&](std::string_view line) { trace_file << line << '\n'; }};
    if (options.trace) {
        trace_file.open(*options.trace);
        if (!trace_file) return fail(ErrorCode::File, *options.trace);
        terminal.set_trace(trace_log);
    }
    run::Session session{terminal};
    const auto ran = run_on_target(image, reference, options, session, stopper);
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

/// The image and its arguments are what is left of the command line: nothing behind the image is an
/// option of ours.
Outcome<int> run_words(const std::vector<std::string>& words, Options options) {
    if (words.empty()) return fail(ErrorCode::Usage, "run", "IMAGE is missing");
    if (words.front().starts_with('-')) {
        return fail(ErrorCode::Usage, "run", "there is no option " + words.front());
    }
    options.process.arguments.assign(words.begin() + 1, words.end());
    options.simulator.trace = options.trace.has_value();
    // Before the first thread, so that all of them leave signals to it.
    control::Stopper stopper{KOS_TRY(control::Signals::create()), 0};
    if (options.target == Target::Simulator) options.simulator.cores = run::prepare_cores();
    return run_image(words.front(), options, stopper);
}

/// An option that was given and means nothing on the target; empty where there is none.
std::string foreign_option(const CLI::App& command, Target target) {
    const std::vector<std::string> of_simulator{"--memory", "--as-installed"};
    const std::vector<std::string> of_qemu{"--board", "--placement"};
    for (const std::string& name : target == Target::Qemu ? of_simulator : of_qemu) {
        if (command.count(name) != 0) return name;
    }
    return {};
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

void add_target_options(CLI::App& command, Options& options) {
    const std::map<std::string, Target> targets{{"sim", Target::Simulator}, {"qemu", Target::Qemu}};
    command
        .add_option(
            "--target", options.target,
            "sim: the host simulator (default); qemu: seL4 under QEMU, with the kernel that "
            "SEL4_PREFIX or MICROKIT_SDK names")
        ->transform(CLI::CheckedTransformer(targets));
    command.add_option("--board", options.board, "that QEMU emulates");
    using boot_image::Placement;
    const std::map<std::string, Placement> placements{{"outside", Placement::Outside},
                                                      {"root-image", Placement::RootImage}};
    command
        .add_option("--placement", options.placement,
                    "of the system image: outside the RAM that the kernel manages, or in the root "
                    "server's image (default: outside where the board has such RAM)")
        ->transform(CLI::CheckedTransformer(placements));
}

void add_simulator_options(CLI::App& command, run::SimulatorOptions& simulator) {
    command.add_option("--memory", simulator.memory, "of the machine, such as 64M")
        ->transform(CLI::AsSizeValue(false));
    command.add_option("--seed", simulator.seed, "a number: the same gives the same run");
    command.add_option_function<std::uint64_t>(
        "--timeout",
        [&simulator](std::uint64_t seconds) { simulator.timeout = std::chrono::seconds{seconds}; },
        "stop after so many seconds");
}

}  // namespace

void add_run_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("run", "Run an image");
    auto options = std::make_shared<Options>();
    command->footer(
        "kos run [OPTIONS] oci:PATH[:TAG] [ARGUMENT...]\n"
        "Arguments take the place of the image's Cmd.");
    command->prefix_command();
    CLI::Option* native =
        command->add_flag("--native", options->native, "in an address space of its own");
    command->add_flag("--microvm", options->microvm, "in a Linux guest of its own")
        ->excludes(native);
    add_process_options(*command, options->process);
    add_restart_options(*command, options->restart);
    add_target_options(*command, *options);
    add_simulator_options(*command, options->simulator);
    command->add_flag("--as-installed", options->as_installed,
                      "the simulated kernel has the labels and sizes of objects of the kernel that "
                      "SEL4_PREFIX or MICROKIT_SDK names");
    command->add_option("--trace", options->trace,
                        "file for the root server's kernel invocations, in names");
    command->add_option("--report", options->report, "file for a report of what was used (JSON)");
    command->add_flag("--timings{-}", options->timings,
                      "how long each phase took from reset to the app's first instruction; "
                      "--timings=FILE: as JSON into a file");
    command->callback([options, command, &action] {
        const std::vector<std::string> words = command->remaining();
        const std::string foreign = foreign_option(*command, options->target);
        options->has_memory = command->count("--memory") != 0;
        action = [options, words, foreign]() -> Outcome<int> {
            if (!foreign.empty()) {
                return fail(ErrorCode::Usage, foreign, "it is not an option of this --target");
            }
            return run_words(words, *options);
        };
    });
}

}  // namespace kos::cli
