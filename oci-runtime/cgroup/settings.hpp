// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From `linux.resources` to what is written to which file of a control group: the plan, as data.
#pragma once

#include "oci-runtime/spec/resources.hpp"

#include <string>
#include <vector>

namespace kos::oci {

struct CgroupSetting {
    std::string controller;  ///< memory, cpu, …; empty: any (unified)
    std::string file;        ///< memory.max
    std::string value;
    std::string field;      ///< pointer below /linux/resources
    bool optional = false;  ///< a kernel without the file is fine
};

/// Fails at a field that the version of cgroups has no equivalent of.
[[nodiscard]] Result<std::vector<CgroupSetting>> legacy_settings(const Resources& resources);
[[nodiscard]] Result<std::vector<CgroupSetting>> unified_settings(const Resources& resources);

/// The rules of `linux.resources.devices`, then those for what the specification supplies.
[[nodiscard]] std::vector<DeviceRule> device_rules(const Resources& resources);

/// "c 1:3 rwm", "a *:* rwm".
[[nodiscard]] std::string device_rule_text(const DeviceRule& rule);

}  // namespace kos::oci
