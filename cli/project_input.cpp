// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/project_input.hpp"

#include "cli/image_input.hpp"
#include "cli/system/memory_volumes.hpp"

#include <iostream>
#include <unistd.h>

namespace kos::cli {
namespace {

compose::Variables process_environment() {
    compose::Variables variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const std::size_t equals = text.find('=');
        if (equals != text.npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace

void add_project_options(CLI::App& command, compose::ProjectOptions& options) {
    command.add_option("-f,--file", options.files, "compose files, later ones count more")
        ->allow_extra_args(false);
    command.add_option("-p,--project-name", options.name, "the project's name");
    command.add_option("--env-file", options.env_files, "files instead of .env")
        ->allow_extra_args(false);
    command.add_option("--profile", options.profiles, "services of this profile as well")
        ->allow_extra_args(false);
}

Outcome<compose::Project> read_project(compose::ProjectOptions options, Warnings warnings) {
    options.folder = std::filesystem::current_path();
    options.environment = process_environment();
    if (warnings == Warnings::Told) {
        options.warn = [](const std::string& message) { std::cerr << "kos: " << message << '\n'; };
    }
    return compose::load_project(options);
}

Outcome<std::vector<system::PlannedService>> plan_project(const compose::Project& project,
                                                          const std::vector<std::string>& names) {
    const system::Store store{system::store_folder()};
    auto services = KOS_TRY(system::plan_services(project, names, store));
    if (!services.empty()) return services;
    return fail(ErrorCode::ComposeReference, project.name, "no service is to be started");
}

Outcome<pack::SystemSource> load_project(const compose::Project& project,
                                         std::vector<system::PlannedService>& services) {
    pack::SystemSource source = KOS_TRY(system::load_services(services));
    source.networks = system::networks_of(project);
    source.project = project.name;
    tell(system::notes_on_volumes(services));
    return source;
}

}  // namespace kos::cli
