// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Creating, starting and running a container.
#pragma once

#include "oci-runtime/process/channel.hpp"
#include "oci-runtime/spec/config.hpp"
#include "oci-runtime/state/store.hpp"

#include <functional>
#include <string>

namespace kos::oci {

/// Which way control groups are handled.
enum class CgroupManager { Files, Systemd, Disabled };

struct LaunchOptions {
    std::string id;
    std::string bundle;       ///< absolute
    std::string config_file;  ///< config.json of the bundle when empty
    std::string pid_file;
    std::string console_socket;
    unsigned preserved_fds = 0;  ///< from 3 on
    unsigned listen_fds = 0;     ///< the first of these, which the program is told of
    bool no_pivot = false;
    bool new_keyring = true;
    std::string seccomp_cache;  ///< folder for compiled filters; none when empty
    CgroupManager cgroup_manager = CgroupManager::Files;
    std::function<void(const std::string&)> warn = [](const std::string&) {};
};

/// A container that was launched.
struct Launched {
    ContainerDirectory directory;
    ContainerRecord record;
    Config config;
    sys::UniqueFd pidfd;
    sys::UniqueFd terminal;  ///< the master, where the process has a terminal and no console socket
};

/// Leaves a container in the state "created". After a failure nothing is left.
[[nodiscard]] Result<Launched> create_container(const StateStore& store,
                                                const LaunchOptions& options);

/// Creates and starts in one step: no fifo, one process less.
[[nodiscard]] Result<Launched> run_container(const StateStore& store, const LaunchOptions& options);

/// From "created" to "running". A failure of the program to start is a failure here.
[[nodiscard]] Result<void> start_container(const ContainerDirectory& directory,
                                           const std::function<void(const std::string&)>& warn);

}  // namespace kos::oci
