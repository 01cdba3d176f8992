// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A bundle's config.json (runtime-spec 1.0 to 1.3), typed and checked.
#pragma once

#include "oci-runtime/spec/hooks.hpp"
#include "oci-runtime/spec/linux.hpp"
#include "oci-runtime/spec/mounts.hpp"
#include "oci-runtime/spec/process.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// The version of the specification that this runtime follows.
inline constexpr std::string_view spec_version = "1.3.0";

struct Root {
    std::string path;
    bool readonly = false;
};

struct Config {
    std::string version;
    std::optional<Process> process;
    Root root;
    std::string hostname;
    std::string domainname;
    std::vector<Mount> mounts;
    Hooks hooks;
    std::map<std::string, std::string> annotations;
    LinuxConfig linux_config;
};

/// Every field that is wrong on its own, or contradicts another, is an error here: what is left to
/// the kernel is what only the kernel can know.
[[nodiscard]] Result<Config> parse_config(std::string_view text);

}  // namespace kos::oci
