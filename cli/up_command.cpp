// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos up: a compose project, packed in memory, started, followed and stopped.

#include "cli/commands.hpp"
#include "cli/image_input.hpp"
#include "cli/project_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/labelled_output.hpp"
#include "cli/run/qemu_target.hpp"
#include "cli/run/simulator.hpp"
#include "cli/system/admission.hpp"
#include "cli/system/conductor.hpp"
#include "cli/system/services.hpp"

#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <unistd.h>

namespace kos::cli {
namespace {

enum class Target : std::uint8_t { Simulator, Qemu };

struct Options {
    compose::ProjectOptions project;
    std::vector<std::string> services;
    Target target = Target::Simulator;
    run::SimulatorOptions simulator;
    std::string board = run::QemuOptions{}.board;
    bool has_memory = false;
    bool no_color = false;
    bool aborts_on_exit = false;
    std::string exit_code_from;
};

/// Output behind the services' names; ends and what kos has to say.
class Terminal final : public run::Listener {
   public:
    Terminal(const std::vector<std::string>& names, bool in_colour, system::Conductor& conductor,
             bool aborts_on_exit)
        : names_(names),
          output_(names, in_colour,
                  [](bool is_error, std::string_view line) {
                      std::FILE* stream = is_error ? stderr : stdout;
                      std::fwrite(line.data(), 1, line.size(), stream);
                      std::fflush(stream);
                  }),
          conductor_(conductor),
          aborts_on_exit_(aborts_on_exit) {}

    void app_output(std::uint8_t app, bool is_error, Bytes bytes) override {
        output_.app_output(app, is_error, bytes);
    }
    void app_exited(std::uint8_t app, std::uint32_t wait_status) override {
        if (app >= names_.size()) return;
        output_.flush(app);
        const int status = run::exit_status_of(wait_status);
        std::printf("%s exited with code %d\n", names_[app].c_str(), status);
        std::fflush(stdout);
        if (!first_status_) first_status_ = status;
        if (aborts_on_exit_) conductor_.shut_down();
    }
    void app_failed(std::uint8_t app, const Error& why) override {
        if (app >= names_.size()) return;
        std::fprintf(stderr, "kos: %s: %s\n", names_[app].c_str(), to_string(why).c_str());
        if (aborts_on_exit_) conductor_.shut_down();
    }
    void log(std::string_view line) override { say("kos: ", line); }
    void console(std::string_view line) override { say("kos: console: ", line); }
    void answer(const msg::Frame& frame) override {
        if (frame.type != msg::FrameType::Acknowledged) return;
        const auto record = read_at<msg::AckRecord>(frame.payload, 0);
        if (record) conductor_.acknowledged(record->sequence);
    }
    /// Of the service that ended first.
    [[nodiscard]] std::optional<int> first_status() const { return first_status_; }

   private:
    static void say(const char* label, std::string_view line) {
        std::fprintf(stderr, "%s%.*s\n", label, static_cast<int>(line.size()), line.data());
    }

    const std::vector<std::string>& names_;
    run::LabelledOutput output_;
    system::Conductor& conductor_;
    bool aborts_on_exit_;
    std::optional<int> first_status_;
};

/// A system as it will run.
struct Made {
    std::vector<std::byte> image;
    std::vector<std::string> names;  ///< of the apps, message servers first
};

Outcome<Made> make(const Options& options) {
    const compose::Project project = KOS_TRY(read_project(options.project));
    const system::Store store{system::store_folder()};
    const auto services = KOS_TRY(system::plan_services(project, options.services, store));
    Made made;
    if (services.empty()) {
        return fail(ErrorCode::ComposeReference, project.name, "no service is to be started");
    }
    pack::SystemSource source = KOS_TRY(system::load_services(services));
    source.networks = system::networks_of(project);
    const auto programs = KOS_TRY(pack::load_target_programs(target_folder()));
    pack::Packed packed = KOS_TRY(pack::pack_system(std::move(source), programs, guest_supply));
    for (const std::string& note : packed.notes) {
        std::fprintf(stderr, "kos: note: %s\n", note.c_str());
    }
    made.image = std::move(packed.image);
    const auto view = KOS_TRY(report::open_system_image(made.image, "the system"));
    for (std::uint32_t app = 0; app < view.app_count(); ++app) {
        made.names.emplace_back(view.text(view.app(app).name));
    }
    return made;
}

/// Refuses what does not fit, and gives the simulated machine what guests need on top.
Outcome<void> admit(const manifest::ImageView& view, Options& options) {
    if (options.target != Target::Simulator) return {};
    const auto needs = system::needs_of(view, options.simulator.kernel_abi);
    if (!options.has_memory) {
        for (const system::Need& need : needs) options.simulator.memory += need.guest;
    }
    return system::admit(needs, options.simulator.memory);
}

Outcome<void> run_on_target(const Made& made, const Options& options, run::Session& session,
                            control::Attendant& attendant) {
    if (options.target == Target::Qemu) {
        const run::SimulatorOptions& common = options.simulator;
        return run::run_in_qemu(
            made.image,
            {options.board, target_folder(), common.timeout, {}, common.trace, common.seed},
            session, &attendant);
    }
    return run::run_in_simulator(made.image, "the system", options.simulator, session, &attendant);
}

Outcome<int> status_of(const Options& options, const std::vector<std::string>& names,
                       const run::Session& session, const Terminal& terminal) {
    for (const auto& [number, app] : session.apps()) {
        if (!app.failure || number >= names.size()) continue;
        return fail(app.failure->code, names[number], app.failure->detail);
    }
    if (options.exit_code_from.empty()) {
        return options.aborts_on_exit ? terminal.first_status().value_or(0) : 0;
    }
    const auto from = std::find(names.begin(), names.end(), options.exit_code_from);
    const auto app = session.apps().find(static_cast<std::uint8_t>(from - names.begin()));
    const bool has_status = app != session.apps().end() && app->second.exit;
    return has_status ? run::exit_status_of(app->second.exit->status) : 0;
}

Outcome<int> up(Options options) {
    // Before the first thread, so that all of them leave signals to it.
    system::Conductor conductor{KOS_TRY(control::Signals::create()), std::random_device{}()};
    if (options.target == Target::Simulator) options.simulator.cores = run::prepare_cores();
    const Made made = KOS_TRY(make(options));
    const auto& from = options.exit_code_from;
    if (!from.empty()) {
        if (std::find(made.names.begin(), made.names.end(), from) == made.names.end()) {
            return fail(ErrorCode::ComposeReference, from, "no such service is started");
        }
        options.aborts_on_exit = true;
    }
    const auto view = KOS_TRY(report::open_system_image(made.image, "the system"));
    KOS_TRY(admit(view, options));

    const bool in_colour = !options.no_color && isatty(STDOUT_FILENO) == 1;
    Terminal terminal{made.names, in_colour, conductor, options.aborts_on_exit};
    run::Session session{terminal};
    const auto ran = run_on_target(made, options, session, conductor);
    if (session.missing_frames() != 0) terminal.log("parts of the console's output were lost");
    if (const auto signal = conductor.signal()) return 128 + *signal;
    if (conductor.has_given_up()) {
        return fail(ErrorCode::Target, "the system", "it does not answer");
    }
    if (!ran) return Err{ran.error()};
    return status_of(options, made.names, session, terminal);
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
    command
        .add_option("--memory", options.simulator.memory, "of the simulated machine, such as 1G")
        ->transform(CLI::AsSizeValue(false));
    command.add_option("--seed", options.simulator.seed, "a number: the same gives the same run");
    command.add_option_function<std::uint64_t>(
        "--timeout",
        [&options](std::uint64_t seconds) {
            options.simulator.timeout = std::chrono::seconds{seconds};
        },
        "stop after so many seconds");
}

/// An option that was given and means nothing on the target; empty where there is none.
std::string foreign_option(const CLI::App& command, Target target) {
    const std::string name = target == Target::Qemu ? "--memory" : "--board";
    return command.count(name) != 0 ? name : std::string{};
}

}  // namespace

void add_up_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("up", "Start a compose project and follow its output");
    auto options = std::make_shared<Options>();
    add_project_options(*command, options->project);
    command->add_option("SERVICE", options->services,
                        "these, and what they depend on; none: all of the project");
    add_target_options(*command, *options);
    command->add_flag("--no-color", options->no_color, "names without colours");
    command->add_flag("--abort-on-container-exit", options->aborts_on_exit,
                      "stop all when one has ended");
    command->add_option("--exit-code-from", options->exit_code_from,
                        "exit as this service does, and stop all when one has ended");
    command->callback([options, command, &action] {
        options->has_memory = command->count("--memory") != 0;
        const std::string foreign = foreign_option(*command, options->target);
        action = [options, foreign]() -> Outcome<int> {
            if (!foreign.empty()) {
                return fail(ErrorCode::Usage, foreign, "it is not an option of this --target");
            }
            return up(*options);
        };
    });
}

}  // namespace kos::cli
