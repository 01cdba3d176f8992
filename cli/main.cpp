// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The kos command.

#include "cli/commands.hpp"

#include <cstdio>
#include <string>

namespace {

using kos::ErrorCode;

// As docker run has them, and a shell.
constexpr int own_failure = 125, cannot_execute = 126, not_found = 127;

int exit_status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::EntrypointMissing:
            return not_found;
        case ErrorCode::EntrypointNotExecutable:
        case ErrorCode::EntrypointScript:
        case ErrorCode::ElfInvalid:
        case ErrorCode::ElfArchitecture:
        case ErrorCode::ElfDynamic:
        case ErrorCode::ElfSegments:
        case ErrorCode::ElfWriteExecute:
            return cannot_execute;
        default:
            return own_failure;
    }
}

int report(const kos::Error& error) {
    std::fprintf(stderr, "kos: %s\n", kos::to_string(error).c_str());
    return exit_status_of(error.code);
}

/// What is wrong with a command line; CLI11 only misses a command where there is none of that name.
kos::Error usage_error(const CLI::App& app, const CLI::ParseError& error,
                       const std::string& first) {
    const auto is_first = [&](const CLI::App* command) { return command->get_name() == first; };
    if (first.starts_with('-') || !app.get_subcommands(is_first).empty()) {
        return {ErrorCode::Usage, "", error.what()};
    }
    return {ErrorCode::Usage, first, "there is no such command"};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Runs OCI containers on seL4", "kos"};
    kos::cli::Action action;
    app.require_subcommand(1);
    app.footer(
        "`kos COMMAND --help` tells more of one. docs/compose.md, instances.md and microvm.md say "
        "what a\nsystem can do, docs/errors.md what an error means and what to do.");
    app.set_version_flag("--version", "kos " KOS_VERSION);
    kos::cli::add_run_command(app, action);
    kos::cli::add_inspect_command(app, action);
    kos::cli::add_pack_command(app, action);
    kos::cli::add_sbom_command(app, action);
    kos::cli::add_config_command(app, action);
    kos::cli::add_import_command(app, action);
    kos::cli::add_up_command(app, action);
    kos::cli::add_exec_command(app, action);
    kos::cli::add_stats_command(app, action);
    kos::cli::add_list_commands(app, action);
    kos::cli::add_life_commands(app, action);
    if (argc == 1) {
        std::fputs(app.help().c_str(), stdout);
        return 0;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return report(usage_error(app, error, argv[1]));
    }
    const auto status = action();
    return status ? *status : report(status.error());
}
