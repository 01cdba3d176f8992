// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/systemd/unit.hpp"

#include <algorithm>
#include <vector>

namespace kos::oci {

namespace {

constexpr const char* where = "/linux/cgroupsPath";

std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts(1);
    for (const char c : path) {
        if (c == ':') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// systemd.unit(5): letters, digits, and : - _ . \ besides.
bool is_unit_name(const std::string& name) {
    constexpr std::string_view others = ":-_.\\";
    constexpr std::size_t longest = 255;
    return name.size() <= longest && std::ranges::all_of(name, [&](unsigned char c) {
               const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
               return letter || (c >= '0' && c <= '9') ||
                      others.find(static_cast<char>(c)) != std::string_view::npos;
           });
}

}  // namespace

Result<SystemdUnit> parse_unit(const std::string& path, const std::string& id, bool own_manager) {
    const std::string default_slice = own_manager ? "user.slice" : "system.slice";
    if (path.empty()) return SystemdUnit{"kos-oci-" + id + ".scope", default_slice};
    const std::vector<std::string> parts = parts_of(path);
    if (parts.size() != 3 || parts[2].empty()) {
        return fail(where, "must be SLICE:PREFIX:NAME with --systemd-cgroup, is \"" + path + "\"");
    }
    SystemdUnit unit;
    unit.slice = parts[0].empty() ? default_slice : parts[0];
    unit.name = (parts[1].empty() ? "" : parts[1] + "-") + parts[2] + ".scope";
    if (!unit.slice.ends_with(".slice") || !is_unit_name(unit.slice)) {
        return fail(where, "\"" + unit.slice + "\" is no slice");
    }
    if (!is_unit_name(unit.name)) return fail(where, "\"" + unit.name + "\" is no name of a unit");
    return unit;
}

}  // namespace kos::oci
