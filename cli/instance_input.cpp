// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance_input.hpp"

#include "cli/instance/client.hpp"
#include "cli/instance/name.hpp"
#include "cli/project_input.hpp"
#include "cli/report/system_image.hpp"

#include <algorithm>
#include <cstdio>

namespace kos::cli {

using instance::App;
using instance::AppState;
using instance::Folder;

void add_instance_names(CLI::App& command, InstanceNames& names, const char* file_flags,
                        const std::string& none) {
    command.add_option("NAME", names.names,
                       "instances, INSTANCE/APP, or services of the compose project of this "
                       "folder; none: " +
                           none);
    add_project_of_names(command, names, file_flags);
}

void add_project_of_names(CLI::App& command, InstanceNames& names, const char* file_flags) {
    command.add_option(file_flags, names.project.files, "that project's compose files")
        ->allow_extra_args(false);
    command.add_option("-p,--project-name", names.project.name, "that project's name");
}

Outcome<std::vector<std::string>> resolve(const InstanceNames& names) {
    std::string project;
    const auto project_name = [&]() -> Outcome<std::string> {
        if (project.empty())
            project = KOS_TRY(read_project(names.project, Warnings::Withheld)).name;
        return project;
    };
    const bool is_of_project = !names.project.files.empty() || !names.project.name.empty();
    if (names.names.empty()) return std::vector{KOS_TRY(project_name())};
    std::vector<std::string> resolved;
    for (const std::string& name : names.names) {
        const bool is_instance =
            name.find('/') != std::string::npos || (!is_of_project && Folder::find(name).ok());
        if (is_instance) {
            resolved.push_back(name);
            continue;
        }
        const auto of_project = project_name();
        if (!of_project && is_of_project) return Err{of_project.error()};
        // Without a project it can only be an instance, and there is none.
        resolved.push_back(of_project ? *of_project + "/" + name : name);
    }
    return resolved;
}

bool SelectedApps::has(const App& app) const {
    return std::find(apps.begin(), apps.end(), app.number) != apps.end();
}

bool SelectedApps::are_stopped() const {
    if (!folder.is_running()) return true;
    // All that there is: its process ends as well. Without apps it packs.
    if (is_whole && (!state.stays || state.apps.empty())) return false;
    return std::all_of(state.apps.begin(), state.apps.end(),
                       [&](const App& app) { return !has(app) || app.state != AppState::Running; });
}

Outcome<void> SelectedApps::read_again() {
    instance::State now = KOS_TRY(instance::read_state(folder));
    // One that takes itself away has no state any more: the last one counts.
    if (now.apps.empty() && !state.apps.empty()) return {};
    state = std::move(now);
    if (!is_whole) return {};
    apps.clear();
    for (const App& app : state.apps) apps.push_back(app.number);
    return {};
}

Outcome<SelectedApps> select(const std::string& name) {
    const auto selector = KOS_TRY(instance::parse_selector(name));
    SelectedApps selected{
        name, KOS_TRY(Folder::find(selector.instance)), {}, {}, selector.app.empty()};
    KOS_TRY(selected.read_again());
    if (selected.is_whole) return selected;
    const App* app = selected.state.find(selector.app);
    if (app == nullptr) {
        return fail(ErrorCode::InstanceMissing, name, "the instance has no such app");
    }
    selected.apps = {app->number};
    return selected;
}

Outcome<SelectedApps> select_container(const std::string& name) {
    const auto selector = KOS_TRY(instance::parse_selector(name));
    SelectedApps selected{
        name, KOS_TRY(Folder::find(selector.instance)), {}, {}, selector.app.empty()};
    KOS_TRY(selected.read_again());
    if (selected.is_whole || selected.state.find(selector.app) != nullptr) return select(name);
    const std::size_t slash = selector.app.rfind('/');
    const bool has_app = slash != std::string::npos;
    const App* app = nullptr;
    if (has_app) app = selected.state.find(std::string_view{selector.app}.substr(0, slash));
    if (!has_app && selected.state.apps.size() == 1) app = &selected.state.apps.front();
    if (app == nullptr || app->kind != instance::kind_microvm) return select(name);
    selected.container = has_app ? selector.app.substr(slash + 1) : selector.app;
    selected.apps = {app->number};
    return selected;
}

Outcome<instance::Inspection> inspection_of(const manifest::ImageView& image,
                                            const TargetOptions& options) {
    const sel4::KernelAbi abi = KOS_TRY(abi_of(options));
    return instance::Inspection{report::inspect_to_text(image, abi),
                                report::printed(report::inspect_to_json(image, abi))};
}

Outcome<bool> wait_until(SelectedApps& selected, std::optional<std::chrono::seconds> limit,
                         const std::function<bool()>& holds) {
    auto watch = KOS_TRY(instance::Watch::create(selected.folder));
    const auto begun = std::chrono::steady_clock::now();
    for (;;) {
        const bool is_running = selected.folder.is_running();
        const auto read = selected.read_again();
        if (!read && selected.folder.is_running()) return Err{read.error()};
        if (holds()) {
            // What it wrote last, where it has ended in between.
            if (is_running && !selected.folder.is_running()) (void)selected.read_again();
            return true;
        }
        if (!is_running) return false;
        if (limit && std::chrono::steady_clock::now() - begun > *limit) return false;
        (void)watch.wait(std::chrono::seconds{1});
    }
}

Outcome<int> for_each_name(const std::vector<std::string>& names,
                           const std::function<Outcome<void>(const std::string& name)>& act) {
    std::optional<Error> failed;
    for (const std::string& name : names) {
        if (failed) std::fprintf(stderr, "kos: %s\n", to_string(*failed).c_str());
        failed.reset();
        if (const Outcome<void> done = act(name); !done) failed = done.error();
    }
    if (failed) return Err{std::move(*failed)};
    return 0;
}

}  // namespace kos::cli
