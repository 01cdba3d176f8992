// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An OCI runtime for Linux with the command line of runc.
#include "oci-runtime/cli/command_line.hpp"

#include "oci-runtime/cli/command.hpp"
#include "oci-runtime/policy/seccomp_cache.hpp"
#include "oci-runtime/process/own_binary.hpp"
#include "oci-runtime/spec/config.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace kos::oci {
namespace {

constexpr const char* runtime_version = "0.1.0";

constexpr auto global_options = std::to_array<Option>({
    {"root", '\0', true, "folder for the state of containers (should be on a tmpfs)"},
    {"log", '\0', true, "log file (default: standard error)"},
    {"log-format", '\0', true, "text or json"},
    {"log-level", '\0', true, "accepted"},
    {"debug", '\0', false, "log more"},
    {"systemd-cgroup", '\0', false, "let systemd make the control groups"},
    {"cgroup-manager", '\0', true, "cgroupfs, systemd or disabled"},
    {"seccomp-cache", '\0', true, "folder for compiled system call filters, or none"},
    {"rootless", '\0', true, "accepted: what is permitted is found out by trying"},
    {"criu", '\0', true, "accepted: there is no checkpointing"},
    {"help", 'h', false, "print this"},
    {"version", 'v', false, "print the version"},
});

constexpr auto command_groups = std::to_array(
    {lifecycle_commands, exec_commands, inspection_commands, resource_commands, document_commands});

const Command* find_command(std::string_view name) {
    for (const auto group : command_groups) {
        for (const Command& command : group()) {
            if (command.name == name) return &command;
        }
    }
    return nullptr;
}

void print_options(std::span<const Option> options) {
    for (const Option& option : options) {
        const std::string name = std::string{option.name} + (option.takes_value ? " VALUE" : "");
        std::printf("  --%-28s %.*s\n", name.c_str(), static_cast<int>(option.help.size()),
                    option.help.data());
    }
}

void print_usage() {
    std::printf("usage: kos-oci [OPTION…] COMMAND …\n\n");
    for (const auto group : command_groups) {
        for (const Command& command : group()) {
            std::printf("  %-10s %s\n", std::string{command.name}.c_str(),
                        std::string{command.summary}.c_str());
        }
    }
    std::printf("\n");
    print_options(global_options);
}

void print_command_usage(const Command& command) {
    std::printf("usage: kos-oci %s %s\n\n", std::string{command.name}.c_str(),
                std::string{command.usage}.c_str());
    print_options(command.options);
}

void print_version() {
    std::printf("kos-oci version %s\nspec: %s\n", runtime_version,
                std::string{spec_version}.c_str());
}

Result<CgroupManager> cgroup_manager(const Arguments& arguments) {
    const std::string name = arguments.value("cgroup-manager");
    if (arguments.has("systemd-cgroup") || name == "systemd") {
        return CgroupManager::Systemd;
    }
    if (name == "disabled") return CgroupManager::Disabled;
    if (name.empty() || name == "cgroupfs") return CgroupManager::Files;
    return fail("--cgroup-manager", "must be cgroupfs, systemd or disabled, is \"" + name + "\"");
}

std::string seccomp_cache(const Arguments& arguments) {
    if (!arguments.has("seccomp-cache")) return default_seccomp_cache();
    const std::string folder = arguments.value("seccomp-cache");
    return folder == "none" ? "" : folder;
}

Result<Global> make_global(const Arguments& arguments, const Log& log) {
    const std::string root = arguments.has("root") ? arguments.value("root") : default_state_root();
    return Global{StateStore{root}, log, KOS_TRY(cgroup_manager(arguments)),
                  seccomp_cache(arguments)};
}

bool asks_for_help(std::span<char* const> words) {
    for (const char* word : words) {
        if (std::strcmp(word, "--help") == 0 || std::strcmp(word, "-h") == 0) return true;
        if (word[0] != '-') return false;
    }
    return false;
}

Result<int> run_command(const Command& command, const Arguments& global_arguments, const Log& log,
                        std::span<char* const> words) {
    const Arguments arguments = KOS_TRY(Arguments::parse(words, command.options, command.order));
    const std::size_t count = arguments.positionals().size();
    if (count < command.least_positionals || count > command.most_positionals) {
        return fail(
            "", "usage: kos-oci " + std::string{command.name} + " " + std::string{command.usage});
    }
    const Global global = KOS_TRY(make_global(global_arguments, log));
    return command.run(global, arguments);
}

/// The log has the failure; a person at the terminal gets it as well.
int report(const Log& log, const Command* command, const Failure& failure) {
    log.error(failure.text());
    if (log.is_a_file()) std::fprintf(stderr, "kos-oci: %s\n", failure.text().c_str());
    return command == nullptr ? 1 : command->failure_status;
}

}  // namespace

int run_command_line(std::span<char*> words) {
    const auto arguments = Arguments::parse(words.subspan(1), global_options, Order::OptionsFirst);
    Log standard_error;
    if (!arguments) return report(standard_error, nullptr, arguments.error());
    if (arguments->has("version")) return print_version(), 0;
    const auto& rest = arguments->positionals();
    if (arguments->has("help") || rest.empty()) return print_usage(), rest.empty() ? 1 : 0;

    auto log =
        Log::open(arguments->value("log"), arguments->value("log-format"), arguments->has("debug"));
    if (!log) return report(standard_error, nullptr, log.error());
    const Command* command = find_command(rest.front());
    if (command == nullptr) {
        return report(*log, nullptr, {"", "unknown command \"" + rest.front() + "\""});
    }
    const auto command_words = words.subspan(words.size() - rest.size() + 1);
    if (asks_for_help(command_words)) return print_command_usage(*command), 0;
    if (command->forks_container) {
        const auto is_protected = protect_own_binary(words.data());
        if (!is_protected) return report(*log, command, is_protected.error());
    }
    const auto status = run_command(*command, *arguments, *log, command_words);
    if (!status) return report(*log, command, status.error());
    return *status;
}

}  // namespace kos::oci
