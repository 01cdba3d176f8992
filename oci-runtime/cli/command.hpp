// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The commands of the runtime: a table of names, options and functions.
#pragma once

#include "oci-runtime/cli/arguments.hpp"
#include "oci-runtime/cli/log.hpp"
#include "oci-runtime/process/launch.hpp"
#include "oci-runtime/state/store.hpp"

#include <span>

namespace kos::oci {

/// What the options before the command say.
struct Global {
    StateStore store;
    const Log& log;
    CgroupManager cgroup_manager = CgroupManager::Files;
    std::string seccomp_cache;  ///< none when empty
};

struct Command {
    std::string_view name;
    std::string_view usage;  ///< what follows the name
    std::string_view summary;
    std::span<const Option> options;
    Order order;
    std::size_t least_positionals;
    std::size_t most_positionals;
    /// Gives the exit status.
    Result<int> (*run)(const Global& global, const Arguments& arguments);
    bool forks_container = false;  ///< runs code beside a container's: the binary is protected
    int failure_status = 1;
};

[[nodiscard]] std::span<const Command> lifecycle_commands();
[[nodiscard]] std::span<const Command> exec_commands();
[[nodiscard]] std::span<const Command> inspection_commands();
[[nodiscard]] std::span<const Command> resource_commands();
[[nodiscard]] std::span<const Command> document_commands();

inline constexpr std::size_t any_number = static_cast<std::size_t>(-1);

}  // namespace kos::oci
