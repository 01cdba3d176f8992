// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos config: the compose project as kos understands it.

#include "cli/commands.hpp"
#include "cli/compose/print.hpp"
#include "cli/image_input.hpp"
#include "cli/project_input.hpp"
#include "cli/report/system_image.hpp"
#include "cli/system/memory_volumes.hpp"

#include <iostream>
#include <memory>

namespace kos::cli {
namespace {

struct Options {
    compose::ProjectOptions project;
    std::string format = "yaml";
    bool is_quiet = false;
    bool lists_services = false;
};

Outcome<int> config(const Options& options) {
    const auto project = KOS_TRY(read_project(options.project));
    tell(system::notes_on_volumes(project));
    if (options.is_quiet) return 0;
    if (options.lists_services) {
        for (const compose::Service& service : project.services) std::cout << service.name << '\n';
    } else if (options.format == "json") {
        std::cout << report::printed(compose::to_json(project));
    } else {
        std::cout << compose::to_yaml(project);
    }
    return 0;
}

}  // namespace

void add_config_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("config", "Check a compose project and print it whole");
    auto options = std::make_shared<Options>();
    add_project_options(*command, options->project);
    command->add_option("--format", options->format, "yaml or json")
        ->check(CLI::IsMember({"yaml", "json"}));
    command->add_flag("-q,--quiet", options->is_quiet, "check only");
    command->add_flag("--services", options->lists_services, "names of services only");
    command->callback([options, &action] { action = [options] { return config(*options); }; });
}

}  // namespace kos::cli
