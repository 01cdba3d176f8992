// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What commands take as instances: names, or the compose project of the folder.
#pragma once

#include "cli/compose/project.hpp"
#include "cli/instance/folder.hpp"
#include "cli/instance/owner.hpp"
#include "cli/instance/state.hpp"
#include "cli/target_input.hpp"
#include "lib/base/error.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kos::cli {

struct InstanceNames {
    std::vector<std::string> names;
    compose::ProjectOptions project;
};

/// NAME…, and -p and \p file_flags, which is "-f,--file" where the command has no other -f.
/// \p none: what no name stands for.
void add_instance_names(CLI::App& command, InstanceNames& names, const char* file_flags,
                        const std::string& none = "that project");

/// Only the latter.
void add_project_of_names(CLI::App& command, InstanceNames& names, const char* file_flags);

/// Each as INSTANCE or INSTANCE/APP. An instance goes before a service of the folder's project; no
/// name at all is the project. KOS-E-COMPOSE-… where a project is needed and cannot be read.
Outcome<std::vector<std::string>> resolve(const InstanceNames& names);

/// An instance, and those of its apps that a name stands for.
struct SelectedApps {
    std::string name;  ///< INSTANCE or INSTANCE/APP
    instance::Folder folder;
    instance::State state;
    std::vector<std::uint32_t> apps;  ///< numbers; none while the instance packs
    bool is_whole = true;             ///< the instance was named, none of its apps
    std::string container{};          ///< of the guest of the one app; empty: none was named

    [[nodiscard]] bool has(const instance::App& app) const;
    /// Whether its process is about to end, or does nothing until it is told to: none of them runs.
    [[nodiscard]] bool are_stopped() const;
    /// As they are by now.
    Outcome<void> read_again();
};

/// KOS-E-INSTANCE-MISSING where there is no such instance or app.
Outcome<SelectedApps> select(const std::string& name);

/// Also INSTANCE/APP/CONTAINER, and INSTANCE/CONTAINER where the instance has one app. Whether the
/// app's guest has such a container is not known here.
Outcome<SelectedApps> select_container(const std::string& name);

/// What the apps of \p image are given on the target.
Outcome<instance::Inspection> inspection_of(const manifest::ImageView& image,
                                            const TargetOptions& options);

/// Waits until \p holds of what was selected, which is read again at each change, or the instance's
/// process has ended; whether it holds, within \p limit.
Outcome<bool> wait_until(SelectedApps& selected, std::optional<std::chrono::seconds> limit,
                         const std::function<bool()>& holds);

/// Does it for each name; goes on after an error, and gives the last one.
Outcome<int> for_each_name(const std::vector<std::string>& names,
                           const std::function<Outcome<void>(const std::string& name)>& act);

}  // namespace kos::cli
