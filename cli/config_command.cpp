// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos config: the compose project as kos understands it.

#include "cli/commands.hpp"
#include "cli/compose/print.hpp"
#include "cli/compose/project.hpp"

#include <iostream>
#include <memory>
#include <unistd.h>

namespace kos::cli {
namespace {

struct Options {
    compose::ProjectOptions project;
    std::string format = "yaml";
    bool is_quiet = false;
    bool lists_services = false;
};

compose::Variables process_environment() {
    compose::Variables variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const std::size_t equals = text.find('=');
        if (equals != text.npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Outcome<int> config(Options& options) {
    options.project.folder = std::filesystem::current_path();
    options.project.environment = process_environment();
    options.project.warn = [](const std::string& message) {
        std::cerr << "kos: " << message << '\n';
    };
    const auto project = KOS_TRY(compose::load_project(options.project));
    if (options.is_quiet) return 0;
    if (options.lists_services) {
        for (const compose::Service& service : project.services) std::cout << service.name << '\n';
    } else if (options.format == "json") {
        std::cout << compose::to_json(project).dump(2) << '\n';
    } else {
        std::cout << compose::to_yaml(project);
    }
    return 0;
}

}  // namespace

void add_config_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("config", "Check a compose project and print it whole");
    auto options = std::make_shared<Options>();
    command->add_option("-f,--file", options->project.files, "compose files, later ones count more")
        ->allow_extra_args(false);
    command->add_option("-p,--project-name", options->project.name, "the project's name");
    command->add_option("--env-file", options->project.env_files, "files instead of .env")
        ->allow_extra_args(false);
    command->add_option("--profile", options->project.profiles, "services of this profile as well")
        ->allow_extra_args(false);
    command->add_option("--format", options->format, "yaml or json")
        ->check(CLI::IsMember({"yaml", "json"}));
    command->add_flag("-q,--quiet", options->is_quiet, "check only");
    command->add_flag("--services", options->lists_services, "names of services only");
    command->callback([options, &action] { action = [options] { return config(*options); }; });
}

}  // namespace kos::cli
