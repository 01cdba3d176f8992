// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// runtime.json beside a container's config.json (docs/guest.md): what is done in the guest before
// the container is made, and before its program runs. As LinuxKit writes it.
#pragma once

#include "kosinit/setup/result.hpp"
#include "oci-runtime/spec/mounts.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace kos::init {

struct RuntimeMount {
    std::string type, source;
    std::string destination;  ///< one that is relative lies in the container's rootfs
    oci::MountOptions options;
};

struct RuntimeConfig {
    std::vector<RuntimeMount> mounts;
    std::vector<std::string> mkdir;  ///< paths as `destination`
    std::vector<std::string> cgroups;
    std::vector<std::string> interfaces;  ///< moved into the container's network namespace
    /// A file of /proc/PID/ns, and where it is bound: the namespace stays when the container goes.
    std::vector<std::pair<std::string, std::string>> bindings;

    /// There is something to do between creation and start.
    [[nodiscard]] bool has_process_part() const { return !interfaces.empty() || !bindings.empty(); }
};

[[nodiscard]] Outcome<RuntimeConfig> parse_runtime_config(std::string_view text,
                                                          std::string_view name);

/// Before the container is made. \p bundle: its folder. Errors say what failed.
[[nodiscard]] Outcome<void> prepare_filesystem(const RuntimeConfig& config,
                                               const std::string& bundle);

/// The container is made, its program does not run yet; \p pid is its process.
[[nodiscard]] Outcome<void> prepare_process(const RuntimeConfig& config, pid_t pid);

}  // namespace kos::init
