// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cgroup/settings.hpp"

#include <array>

namespace kos::oci {

namespace {

/// Nodes that every container has, and pseudoterminals; making nodes is harmless.
constexpr auto supplied_rules = [] {
    struct Row {
        char type;
        std::int64_t major;
        std::int64_t minor;
        const char* access;
    };
    return std::to_array<Row>({
        {'c', -1, -1, "m"},
        {'b', -1, -1, "m"},
        {'c', 1, 3, "rwm"},
        {'c', 1, 5, "rwm"},
        {'c', 1, 7, "rwm"},
        {'c', 1, 8, "rwm"},
        {'c', 1, 9, "rwm"},
        {'c', 5, 0, "rwm"},
        {'c', 5, 2, "rwm"},
        {'c', 136, -1, "rwm"},
    });
}();

std::string number_or_star(std::int64_t number) {
    return number < 0 ? "*" : std::to_string(number);
}

}  // namespace

std::vector<DeviceRule> device_rules(const Resources& resources) {
    std::vector<DeviceRule> rules = resources.devices;
    if (rules.empty()) return rules;
    for (const auto& row : supplied_rules) {
        rules.push_back({true, row.type, row.major, row.minor, row.access});
    }
    return rules;
}

std::string device_rule_text(const DeviceRule& rule) {
    return std::string{rule.type} + " " + number_or_star(rule.major) + ":" +
           number_or_star(rule.minor) + " " + rule.access;
}

}  // namespace kos::oci
