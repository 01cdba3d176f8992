// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos up: a compose project, packed in memory, started, followed and stopped; an instance of the
// project's name.

#include "cli/commands.hpp"
#include "cli/image_input.hpp"
#include "cli/instance/background.hpp"
#include "cli/instance/owner.hpp"
#include "cli/instance_input.hpp"
#include "cli/project_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/labelled_output.hpp"
#include "cli/system/admission.hpp"
#include "cli/system/conductor.hpp"
#include "cli/system/services.hpp"
#include "cli/system/volumes.hpp"
#include "cli/target_input.hpp"
#include "cli/terminal.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <random>
#include <unistd.h>

namespace kos::cli {
namespace {

/// Where a service could not be started.
constexpr int own_failure = 125;
/// What was ended by SIGTERM.
constexpr int stopped = 128 + SIGTERM;

struct Options {
    compose::ProjectOptions project;
    std::vector<std::string> services;
    TargetOptions target;
    bool in_background = false;
    bool no_color = false;
    bool aborts_on_exit = false;
    std::string exit_code_from;
};

/// The system's apps, in their order.
struct Apps {
    std::vector<std::string> names;
    std::size_t own = 0;  ///< the first ones: kos's own, no services of the project
    std::optional<std::uint8_t> gateway{};  ///< one of those

    [[nodiscard]] bool is_service(std::size_t app) const { return app >= own; }
};

/// Output behind the services' names, unless in the background; ends, and what kos has to say.
class ServicesTerminal final : public Terminal {
   public:
    ServicesTerminal(const Options& options, system::Conductor& conductor)
        : Terminal(conductor),
          conductor_(conductor),
          in_colour_(!options.no_color && isatty(STDOUT_FILENO) == 1),
          is_shown_(!options.in_background),
          aborts_on_exit_(options.aborts_on_exit || !options.exit_code_from.empty()) {}

    /// Before the run.
    void set_apps(Apps apps) {
        apps_ = std::move(apps);
        output_.emplace(apps_.names, in_colour_, [](bool is_error, std::string_view line) {
            std::FILE* stream = is_error ? stderr : stdout;
            std::fwrite(line.data(), 1, line.size(), stream);
            std::fflush(stream);
        });
    }

    void app_output(std::uint8_t app, bool is_error, Bytes bytes) override {
        if (is_shown_) output_->app_output(app, is_error, bytes);
    }
    void app_log(std::uint8_t app, std::string_view line) override {
        log(app < apps_.names.size() ? run::behind_name(apps_.names[app], line)
                                     : std::string{line});
    }
    void app_exited(std::uint8_t app, std::uint32_t wait_status) override {
        if (app >= apps_.names.size()) return;
        const int status = run::exit_status_of(wait_status);
        output_->flush(app);
        // One that has nobody left to serve, or is stopped with the last, ends well.
        if (!apps_.is_service(app) && (status == 0 || status == stopped)) return;
        if (is_shown_) {
            std::printf("%s exited with code %d\n", apps_.names[app].c_str(), status);
            std::fflush(stdout);
        }
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
    system::Conductor& conductor_;
    bool in_colour_, is_shown_, aborts_on_exit_;
    Apps apps_;
    std::optional<run::LabelledOutput> output_;
    std::optional<int> first_status_;
};

/// Where each service's image comes from.
std::string image_of(const std::vector<system::PlannedService>& services, const std::string& name) {
    const auto found = std::ranges::find(services, name, &system::PlannedService::name);
    return found == services.end() ? std::string{} : found->image;
}

/// Where only the size of a file is said, there are as many as docker's driver keeps.
instance::LogPolicy log_policy_of(const compose::Logging& logging) {
    using Driver = compose::Logging::Driver;
    instance::LogPolicy policy{.keeps_output = logging.driver != Driver::None};
    if (logging.max_size) policy.file_size = *logging.max_size;
    if (logging.max_size) policy.files = logging.driver == Driver::Local ? 5u : 1u;
    if (logging.max_file) policy.files = *logging.max_file;
    return policy;
}

/// Numbers are those that the packer gives: services in their order, and the ports of each.
std::vector<instance::PublishedPort> published_by(
    const std::vector<system::PlannedService>& services) {
    std::vector<instance::PublishedPort> published;
    std::size_t before = 0;
    for (const system::PlannedService& service : services) {
        const std::vector<std::uint16_t>& targets = service.options.ports;
        for (const compose::Port& port : service.ports) {
            instance::PublishedPort one{.service = service.name, .target = port.target};
            if (!port.host_ip.empty()) one.address = port.host_ip;
            if (port.published) one.first = port.published->first;
            if (port.published) one.last = port.published->last;
            const auto target = std::ranges::find(targets, port.target);
            one.number = static_cast<std::uint16_t>(
                before + static_cast<std::size_t>(target - targets.begin()));
            published.push_back(std::move(one));
        }
        before += targets.size();
    }
    return published;
}

Apps apps_of(const manifest::ImageView& view) {
    Apps apps;
    for (std::uint32_t number = 0; number < view.app_count(); ++number) {
        const manifest::App app = view.app(number);
        apps.names.emplace_back(view.text(app.name));
        const auto kind = static_cast<manifest::AppKind>(app.kind);
        if (kind == manifest::AppKind::Gateway) apps.gateway = static_cast<std::uint8_t>(number);
        if (!manifest::is_service(kind)) ++apps.own;
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
    const auto services = begin + static_cast<std::ptrdiff_t>(apps.own);
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

/// Packs the services and runs them until the system has ended.
Outcome<int> run_project(const compose::Project& project, Options options,
                         system::Conductor& conductor, instance::Owner& owner,
                         ServicesTerminal& terminal) {
    KOS_TRY(prepare_target(options.target));
    auto services = KOS_TRY(plan_project(project, options.services));
    if (options.target.target == Target::Qemu) {
        KOS_TRY(system::admit_ports(*KOS_TRY(run::find_board(options.target.board)), services));
    }
    if (options.target.simulator.uplink) system::add_uplinks(project, services);
    pack::SystemSource source = KOS_TRY(load_project(project, services));
    source.stays = options.in_background;
    if (options.target.target == Target::Qemu) {
        KOS_TRY(system::admit_volumes(*KOS_TRY(run::find_board(options.target.board)), services));
    }
    auto ports = KOS_TRY(instance::HostPorts::listen(published_by(services)));
    const auto image = KOS_TRY(pack_apps(std::move(source)));
    const auto view = KOS_TRY(report::open_system_image(image, "the system"));
    const Apps apps = apps_of(view);
    std::optional<std::uint8_t> from;
    if (!options.exit_code_from.empty()) {
        from = KOS_TRY(find_service(apps, options.exit_code_from));
    }
    KOS_TRY(admit(view, options.target));
    const auto volumes =
        KOS_TRY(system::hold_volumes(system::volume_folder(), project.name, services));
    options.target.simulator.volumes = volumes.disks;
    auto known =
        instance::apps_of(view, [&](const std::string& name) { return image_of(services, name); });
    for (instance::App& app : known) {
        const compose::Service* const service = project.find_service(app.name);
        if (service != nullptr) app.log = log_policy_of(service->logging);
        app.ports = ports.of_service(app.name);
    }
    KOS_TRY(owner.set_apps(std::move(known), KOS_TRY(inspection_of(view, options.target))));
    if (apps.gateway) KOS_TRY(owner.set_ports(std::move(ports), *apps.gateway));
    terminal.set_apps(apps);

    run::Session session{owner};
    const auto ran = run_on_target(image, "the system", options.target, session, owner);
    owner.set_inventory(session.inventory_before(), session.inventory_after());
    if (session.missing_frames() != 0) terminal.log("parts of the console's output were lost");
    if (const auto signal = conductor.signal()) return 128 + *signal;
    if (conductor.has_given_up()) {
        return fail(ErrorCode::Target, "the system", "it does not answer");
    }
    if (!ran) return Err{ran.error()};
    return status_of(apps, from, session, terminal);
}

Outcome<int> up(const Options& options) {
    KOS_TRY(check_target(options.target));
    const compose::Project project = KOS_TRY(read_project(options.project));
    instance::Background background;
    if (options.in_background) {
        if (const auto status = KOS_TRY(background.split())) {
            if (*status == 0) std::printf("%s\n", project.name.c_str());
            return *status;
        }
    }
    // Before the first thread, so that all of them leave signals to it.
    system::Conductor conductor{KOS_TRY(control::Signals::create()), std::random_device{}()};
    ServicesTerminal terminal{options, conductor};
    const auto owner = KOS_TRY(instance::Owner::create(
        {.name = project.name,
         .target = std::string{options.target.target == Target::Qemu ? instance::target_qemu
                                                                     : instance::target_simulator},
         .existing = instance::Folder::Existing::Replace,
         .stays = options.in_background,
         .shown = &terminal,
         .up = [&](bool all_started) { background.running(all_started ? 0 : own_failure); }},
        conductor));
    auto status = run_project(project, options, conductor, *owner, terminal);
    if (status) owner->finish(*status);
    return status;
}

}  // namespace

void add_up_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("up", "Start a compose project and follow its output");
    auto options = std::make_shared<Options>();
    add_project_options(*command, options->project);
    command->add_option("SERVICE", options->services,
                        "these, and what they depend on; none: all of the project");
    add_target_options(*command, options->target);
    command->add_flag("-d,--detach", options->in_background,
                      "in the background, until kos down; prints the project's name once every "
                      "service has been started");
    command->add_flag("--no-color", options->no_color, "names without colours");
    command->add_flag("--abort-on-container-exit", options->aborts_on_exit,
                      "stop all when one has ended");
    command->add_option("--exit-code-from", options->exit_code_from,
                        "exit as this service does, and stop all when one has ended");
    command->callback([options, &action] { action = [options] { return up(*options); }; });
}

}  // namespace kos::cli
