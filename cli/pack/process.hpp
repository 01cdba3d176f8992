// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a container's first process is: arguments, environment, working directory, user, and the
// file to execute. From the image's configuration and what the command line puts in its place, with
// docker's meanings.
//
// Added to what the image says: PATH where it sets none (as docker does). Nothing else.
#pragma once

#include "cli/oci/image.hpp"
#include "cli/oci/labels.hpp"
#include "cli/pack/user.hpp"
#include "lib/base/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kos::pack {

/// What the command line says.
struct ProcessOverrides {
    std::vector<std::string> arguments;     ///< in place of Cmd, unless empty
    std::optional<std::string> entrypoint;  ///< --entrypoint: Cmd goes with the old one
    std::vector<std::string> environment;   ///< -e: NAME=VALUE replaces or adds
    std::optional<std::string> working_directory;
    std::optional<std::string> user;
    bool read_only_root = false;  ///< --read-only
};

struct Process {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::string working_directory;
    std::string executable;                ///< path in the root filesystem, without links
    const std::string* program = nullptr;  ///< its content, in the image
    User user;
    bool read_only_root = false;
};

/// KOS-E-ENTRYPOINT-MISSING, KOS-E-ENTRYPOINT-MODE, KOS-E-USER.
Outcome<Process> make_process(const oci::Image& image, const oci::AppSettings& settings,
                              const ProcessOverrides& overrides);

}  // namespace kos::pack
