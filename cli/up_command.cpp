// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos up: a compose project, packed in memory, started, followed and stopped.

#include "cli/commands.hpp"
#include "cli/image_input.hpp"
#include "cli/project_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/labelled_output.hpp"
#include "cli/system/admission.hpp"
#include "cli/system/conductor.hpp"
#include "cli/system/services.hpp"
#include "cli/target_input.hpp"
#include "cli/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <unistd.h>

namespace kos::cli {
namespace {

struct Options {
    compose::ProjectOptions project;
    std::vector<std::string> services;
    TargetOptions target;
    bool no_color = false;
    bool aborts_on_exit = false;
    std::string exit_code_from;
};

/// The system's apps, in their order.
struct Apps {
    std::vector<std::string> names;
    std::size_t message_servers = 0;  ///< the first ones: of the system, no services of the project

    [[nodiscard]] bool is_service(std::size_t app) const { return app >= message_servers; }
};

/// Output behind the services' names; ends and what kos has to say.
class ServicesTerminal final : public Terminal {
   public:
    ServicesTerminal(const Apps& apps, bool in_colour, system::Conductor& conductor,
                     bool aborts_on_exit)
        : Terminal(conductor),
          apps_(apps),
          output_(apps.names, in_colour,
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
        if (app >= apps_.names.size()) return;
        output_.flush(app);
        const int status = run::exit_status_of(wait_status);
        // One that has nobody left to serve ends well.
        if (!apps_.is_service(app) && status == 0) return;
        std::printf("%s exited with code %d\n", apps_.names[app].c_str(), status);
        std::fflush(stdout);
        if (!first_status_) first_status_ = status;
        if (aborts_on_exit_) conductor_.shut_down();
    }
    void app_failed(std::uint8_t app, const Error& why) override {
        if (app >= apps_.names.size()) return;
        std::fprintf(stderr, "kos: %s: %s\n", apps_.names[app].c_str(), to_string(why).c_str());
        if (aborts_on_exit_) conductor_.shut_down();
    }
    /// Of the service that ended first.
    [[nodiscard]] std::optional<int> first_status() const { return first_status_; }
    [[nodiscard]] bool aborts_on_exit() const { return aborts_on_exit_; }

   private:
    const Apps& apps_;
    run::LabelledOutput output_;
    system::Conductor& conductor_;
    bool aborts_on_exit_;
    std::optional<int> first_status_;
};

Outcome<std::vector<std::byte>> pack_project(const Options& options) {
    const compose::Project project = KOS_TRY(read_project(options.project));
    const system::Store store{system::store_folder()};
    const auto services = KOS_TRY(system::plan_services(project, options.services, store));
    if (services.empty()) {
        return fail(ErrorCode::ComposeReference, project.name, "no service is to be started");
    }
    pack::SystemSource source = KOS_TRY(system::load_services(services));
    source.networks = system::networks_of(project);
    return pack_apps(std::move(source));
}

Apps apps_of(const manifest::ImageView& view) {
    Apps apps;
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        const manifest::App app = view.app(number);
        apps.names.emplace_back(view.text(app.name));
        const auto kind = static_cast<manifest::AppKind>(app.kind);
        if (kind == manifest::AppKind::MessageServer) ++apps.message_servers;
    }
    return apps;
}

/// Refuses what does not fit in the simulated machine.
Outcome<void> admit(const manifest::ImageView& view, TargetOptions& options) {
    if (options.target != Target::Simulator) return {};
    KOS_TRY(fit_machine(view, options));
    const run::SimulatorOptions& machine = options.simulator;
    return system::admit(system::needs_of(view, machine.kernel_abi), machine.memory);
}

/// Number of the service among the apps.
Outcome<std::uint8_t> find_service(const Apps& apps, const std::string& name) {
    const auto begin = apps.names.begin();
    const auto services = begin + static_cast<std::ptrdiff_t>(apps.message_servers);
    const auto found = std::find(services, apps.names.end(), name);
    if (found != apps.names.end()) return static_cast<std::uint8_t>(found - begin);
    return fail(ErrorCode::ComposeReference, name, "no such service is started");
}

/// \p from: the service whose status it is to be.
Outcome<int> status_of(const Apps& apps, std::optional<std::uint8_t> from,
                       const run::Session& session, const ServicesTerminal& terminal) {
    for (const auto& [number, app] : session.apps()) {
        if (!app.failure || number >= apps.names.size()) continue;
        return fail(app.failure->code, apps.names[number], app.failure->detail);
    }
    if (!from) return terminal.aborts_on_exit() ? terminal.first_status().value_or(0) : 0;
    const auto app = session.apps().find(*from);
    const bool has_status = app != session.apps().end() && app->second.exit;
    return has_status ? run::exit_status_of(app->second.exit->status) : 0;
}

Outcome<int> up(Options options) {
    // Before the first thread, so that all of them leave signals to it.
    system::Conductor conductor{KOS_TRY(control::Signals::create()), std::random_device{}()};
    KOS_TRY(prepare_target(options.target));
    const auto image = KOS_TRY(pack_project(options));
    const auto view = KOS_TRY(report::open_system_image(image, "the system"));
    const Apps apps = apps_of(view);
    std::optional<std::uint8_t> from;
    if (!options.exit_code_from.empty()) {
        from = KOS_TRY(find_service(apps, options.exit_code_from));
    }
    KOS_TRY(admit(view, options.target));

    const bool in_colour = !options.no_color && isatty(STDOUT_FILENO) == 1;
    ServicesTerminal terminal{apps, in_colour, conductor, options.aborts_on_exit || from};
    run::Session session{terminal};
    const auto ran = run_on_target(image, "the system", options.target, session, conductor);
    if (session.missing_frames() != 0) terminal.log("parts of the console's output were lost");
    if (const auto signal = conductor.signal()) return 128 + *signal;
    if (conductor.has_given_up()) {
        return fail(ErrorCode::Target, "the system", "it does not answer");
    }
    if (!ran) return Err{ran.error()};
    return status_of(apps, from, session, terminal);
}

}  // namespace

void add_up_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("up", "Start a compose project and follow its output");
    auto options = std::make_shared<Options>();
    add_project_options(*command, options->project);
    command->add_option("SERVICE", options->services,
                        "these, and what they depend on; none: all of the project");
    add_target_options(*command, options->target);
    command->add_flag("--no-color", options->no_color, "names without colours");
    command->add_flag("--abort-on-container-exit", options->aborts_on_exit,
                      "stop all when one has ended");
    command->add_option("--exit-code-from", options->exit_code_from,
                        "exit as this service does, and stop all when one has ended");
    command->callback([options, &action] { action = [options] { return up(*options); }; });
}

}  // namespace kos::cli
