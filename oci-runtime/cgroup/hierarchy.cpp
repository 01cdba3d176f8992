// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cgroup/hierarchy.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"

#include <algorithm>
#include <linux/magic.h>

namespace kos::oci {

namespace {

constexpr const char* cgroup_root = "/sys/fs/cgroup";

/// Options of the superblock that are no controllers.
bool is_controller(std::string_view option) {
    return option != "rw" && option != "ro" && option != "noprefix" && option != "xattr" &&
           option != "clone_children" && !option.starts_with("release_agent=");
}

/// A line of mountinfo (proc(5)): "36 35 0:31 / /sys/fs/cgroup/memory rw … - cgroup cgroup
/// rw,memory".
std::optional<CgroupHierarchy> parse_mount(std::string_view line) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) return std::nullopt;
    const auto before = split(line.substr(0, dash), ' ');
    const auto after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3) return std::nullopt;
    CgroupHierarchy hierarchy{sys::unescape_mount_path(before[4]),
                              sys::unescape_mount_path(before[3]), ""};
    if (after[0] == "cgroup2") return hierarchy;
    if (after[0] != "cgroup") return std::nullopt;
    for (const std::string_view option : split(after[2], ',')) {
        if (!is_controller(option)) continue;
        if (!hierarchy.controllers.empty()) hierarchy.controllers += ',';
        hierarchy.controllers += option;
    }
    return hierarchy;
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end != 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string CgroupHierarchy::name() const {
    if (unified()) return "unified";
    return controllers.starts_with("name=") ? controllers.substr(5) : controllers;
}

bool CgroupHierarchy::has(std::string_view controller) const {
    const auto parts = split(controllers, ',');
    return std::ranges::find(parts, controller) != parts.end();
}

Result<std::vector<CgroupHierarchy>> find_cgroup_hierarchies() {
    std::vector<CgroupHierarchy> found;
    const auto top = sys::open(AT_FDCWD, cgroup_root, O_PATH | O_DIRECTORY);
    if (!top) return found;
    const auto type = sys::filesystem_type(top->get());
    if (type && *type == CGROUP2_SUPER_MAGIC) {
        found.push_back({cgroup_root, "/", ""});
        return found;
    }
    const std::string mounts =
        KOS_TRY(explain(sys::read_file(AT_FDCWD, "/proc/self/mountinfo"), "cgroups", "mountinfo"));
    for (const std::string_view line : split(mounts, '\n')) {
        auto hierarchy = parse_mount(line);
        // Each hierarchy once, where it is usually looked for.
        if (!hierarchy || !hierarchy->mount_point.starts_with(cgroup_root)) continue;
        if (std::ranges::find(found, hierarchy->controllers, &CgroupHierarchy::controllers) !=
            found.end()) {
            continue;
        }
        found.push_back(std::move(*hierarchy));
    }
    std::stable_partition(found.begin(), found.end(),
                          [](const CgroupHierarchy& each) { return !each.unified(); });
    return found;
}

std::optional<std::string> own_cgroup_path(const CgroupHierarchy& hierarchy) {
    const auto text = sys::read_file(AT_FDCWD, "/proc/self/cgroup");
    if (!text) return std::nullopt;
    // "4:memory:/path", "0::/path".
    for (const std::string_view line : split(*text, '\n')) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (second == std::string_view::npos) continue;
        if (line.substr(first + 1, second - first - 1) != hierarchy.controllers) continue;
        std::string path{line.substr(second + 1)};
        // Where only a part of the hierarchy is mounted, paths start there.
        if (hierarchy.root != "/" && path.starts_with(hierarchy.root)) {
            path.erase(0, hierarchy.root.size());
        }
        return path;
    }
    return std::nullopt;
}

}  // namespace kos::oci
