// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/process.hpp"

#include <algorithm>

namespace kos::pack {
namespace {

constexpr std::string_view default_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<std::string> arguments_of(const oci::ImageConfig& config,
                                      const ProcessOverrides& overrides) {
    std::vector<std::string> arguments = config.entrypoint;
    std::vector<std::string> rest = config.command;
    if (overrides.entrypoint) {
        arguments = {*overrides.entrypoint};
        rest.clear();
    }
    if (!overrides.arguments.empty()) rest = overrides.arguments;
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return arguments;
}

std::string_view name_of(std::string_view variable) {
    return variable.substr(0, variable.find('='));
}

/// A later setting of a variable takes the earlier one's place.
void set_variable(std::vector<std::string>& environment, const std::string& variable) {
    const auto earlier =
        std::find_if(environment.begin(), environment.end(),
                     [&](const std::string& other) { return name_of(other) == name_of(variable); });
    if (earlier == environment.end()) {
        environment.push_back(variable);
    } else {
        *earlier = variable;
    }
}

std::vector<std::string> environment_of(const oci::ImageConfig& config,
                                        const ProcessOverrides& overrides) {
    std::vector<std::string> environment;
    for (const std::string& variable : config.environment) set_variable(environment, variable);
    for (const std::string& variable : overrides.environment) set_variable(environment, variable);
    const bool has_path =
        std::any_of(environment.begin(), environment.end(),
                    [](const std::string& variable) { return name_of(variable) == "PATH"; });
    if (!has_path) environment.push_back("PATH=" + std::string{default_path});
    return environment;
}

std::string path_variable(const std::vector<std::string>& environment) {
    for (const std::string& variable : environment) {
        if (name_of(variable) == "PATH") return variable.substr(sizeof("PATH=") - 1);
    }
    return {};
}

bool is_executable_by(const oci::Node& node, const User& user) {
    const std::uint32_t bit = user.user == 0             ? 0111
                              : user.user == node.user   ? 0100
                              : user.group == node.group ? 0010
                                                         : 0001;
    return (node.mode & bit) != 0;
}

std::string join(std::string folder, std::string_view name) {
    return std::move(folder.append("/").append(name));
}

/// The paths to try for a program, in order, as execvp(3) does.
std::vector<std::string> candidates(const std::string& program, const Process& process) {
    if (program.find('/') != std::string::npos) {
        if (program.starts_with('/')) return {program};
        return {join(process.working_directory, program)};
    }
    std::vector<std::string> paths;
    std::string path = path_variable(process.environment);
    while (true) {
        const std::size_t colon = path.find(':');
        std::string folder = path.substr(0, colon);
        if (!folder.starts_with('/')) folder = join(process.working_directory, folder);
        paths.push_back(join(std::move(folder), program));
        if (colon == std::string::npos) return paths;
        path.erase(0, colon + 1);
    }
}

Outcome<void> find_program(const oci::RootFs& rootfs, const std::string& program,
                           Process& process) {
    if (program.empty()) {
        return fail(ErrorCode::EntrypointMissing, "", "the image has neither Entrypoint nor Cmd");
    }
    std::string not_executable;
    for (const std::string& path : candidates(program, process)) {
        const auto found = rootfs.resolve(path);
        if (!found) continue;
        const oci::Node& node = *found->node;
        if (node.type == oci::NodeType::File && is_executable_by(node, process.user)) {
            process.executable = found->path;
            process.program = &node.content;
            return {};
        }
        if (not_executable.empty()) {
            not_executable = node.type == oci::NodeType::File
                                 ? found->path + ": its mode lacks x for user " +
                                       std::to_string(process.user.user)
                                 : found->path + ": it is no regular file";
        }
    }
    if (!not_executable.empty()) {
        return fail(ErrorCode::EntrypointNotExecutable, program, not_executable);
    }
    const bool searched = program.find('/') == std::string::npos;
    return fail(ErrorCode::EntrypointMissing, program,
                searched ? "not in PATH (" + path_variable(process.environment) + ")" : "");
}

}  // namespace

Outcome<Process> make_process(const oci::Image& image, const oci::AppSettings& settings,
                              const ProcessOverrides& overrides) {
    Process process;
    process.arguments = arguments_of(image.config, overrides);
    process.environment = environment_of(image.config, overrides);
    process.working_directory =
        overrides.working_directory.value_or(image.config.working_directory);
    if (!process.working_directory.starts_with('/')) {
        process.working_directory.insert(0, "/");
    }
    process.user = KOS_TRY(resolve_user(image.rootfs, overrides.user.value_or(image.config.user)));
    process.read_only_root = overrides.read_only_root;
    const std::string first = process.arguments.empty() ? "" : process.arguments.front();
    KOS_TRY(find_program(image.rootfs, settings.program.value_or(first), process));
    return process;
}

}  // namespace kos::pack
