// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A further process in a running container.
#pragma once

#include "oci-runtime/process/launch.hpp"

#include <optional>
#include <string>

namespace kos::oci {

/// What `exec` changes of the container's own process, where there is no process.json.
struct ExecChanges {
    std::vector<std::string> args;
    std::vector<std::string> env;
    std::string cwd;
    std::optional<User> user;
    std::vector<std::uint32_t> additional_gids;
    std::vector<std::string> capabilities;
    std::string apparmor_profile;
    std::string selinux_label;
    bool terminal = false;
    std::optional<ConsoleSize> console_size;  ///< of its terminal
    bool no_new_privileges = false;
};

struct ExecOptions {
    std::optional<std::string> process_text;  ///< of process.json
    ExecChanges changes;
    std::string pid_file;
    std::string console_socket;
    std::string cgroup;         ///< below the container's
    std::string seccomp_cache;  ///< folder for compiled filters; none when empty
    unsigned preserved_fds = 0;
    bool ignore_paused = false;
    std::function<void(const std::string&)> warn = [](const std::string&) {};
};

struct Executed {
    pid_t pid = 0;
    sys::UniqueFd pidfd;
    sys::UniqueFd terminal;
};

/// Returns when the program runs; the process is a child of the caller.
[[nodiscard]] Result<Executed> exec_in_container(const ContainerDirectory& directory,
                                                 const ExecOptions& options);

}  // namespace kos::oci
