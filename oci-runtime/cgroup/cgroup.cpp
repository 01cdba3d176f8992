// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cgroup/cgroup.hpp"

#include "lib/linux/file.hpp"

#include <algorithm>
#include <sys/stat.h>

namespace kos::oci {

namespace {

constexpr std::string_view where = "/linux/cgroupsPath";

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

/// On v2 a group with processes can have no groups with controllers below it: the container's is
/// beside the caller's. (The root may have both.)
std::string base_of(const CgroupHierarchy& hierarchy) {
    const std::string own = own_cgroup_path(hierarchy).value_or("/");
    return hierarchy.unified() ? parent_of(own) : own;
}

bool leaves_its_root(const std::string& path) {
    const auto parts = split(path, '/');
    return std::ranges::find(parts, "..") != parts.end();
}

/// A new cpuset has no CPUs and no memory, and no process can enter it.
sys::Result<void> inherit_cpuset(const std::string& path) {
    for (const char* name : {"/cpuset.cpus", "/cpuset.mems"}) {
        const std::string own = KOS_TRY(sys::read_file(AT_FDCWD, (path + name).c_str()));
        if (own.find_first_not_of('\n') != std::string::npos) continue;
        const std::string parents =
            KOS_TRY(sys::read_file(AT_FDCWD, (parent_of(path) + name).c_str()));
        KOS_TRY(sys::write_file(AT_FDCWD, (path + name).c_str(), parents));
    }
    return {};
}

/// Offers the controllers of `path` to the groups below it, one by one: some may be refused (held
/// by v1, threaded, not delegated), which is an error only where a limit needs them.
void delegate_controllers(const std::string& path) {
    const auto available = sys::read_file(AT_FDCWD, (path + "/cgroup.controllers").c_str());
    const auto enabled = sys::read_file(AT_FDCWD, (path + "/cgroup.subtree_control").c_str());
    if (!available || !enabled) return;
    const std::string control = path + "/cgroup.subtree_control";
    const auto present = split(std::string_view{*enabled}.substr(0, enabled->find('\n')), ' ');
    const std::string_view line = std::string_view{*available}.substr(0, available->find('\n'));
    for (const std::string_view controller : split(line, ' ')) {
        if (std::ranges::find(present, controller) != present.end()) continue;
        static_cast<void>(
            sys::write_file(AT_FDCWD, control.c_str(), std::string{"+"}.append(controller)));
    }
}

sys::Result<void> make_folder(const CgroupFolder& folder, const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        KOS_TRY(make_folder(folder, parent_of(path)));
        if (folder.unified()) delegate_controllers(parent_of(path));
        if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return sys::last_error();
    }
    const auto controllers = split(folder.controllers, ',');
    const bool cpuset = std::ranges::find(controllers, "cpuset") != controllers.end();
    if (!cpuset || !sys::stat(AT_FDCWD, (parent_of(path) + "/cpuset.cpus").c_str())) return {};
    return inherit_cpuset(path);
}

}  // namespace

Result<Cgroup> Cgroup::plan(const std::string& path, const std::string& id) {
    if (leaves_its_root(path)) return fail(std::string{where}, "must not hold \"..\"");
    const std::string inner = path.empty() ? id : path;
    std::vector<CgroupFolder> folders;
    const auto hierarchies = KOS_TRY(find_cgroup_hierarchies());
    for (const CgroupHierarchy& hierarchy : hierarchies) {
        // Beside v1 the unified hierarchy has no controllers.
        if (hierarchy.unified() && hierarchies.size() > 1) continue;
        std::string base = inner.starts_with('/') ? "" : base_of(hierarchy);
        if (base == "/") base.clear();
        std::string full = hierarchy.mount_point + base + "/" + inner;
        for (std::size_t twice; (twice = full.find("//")) != std::string::npos;) {
            full.erase(twice, 1);
        }
        while (full.ends_with('/')) full.pop_back();
        if (full == hierarchy.mount_point) return fail(std::string{where}, "must not be the root");
        folders.push_back({hierarchy.controllers, std::move(full)});
    }
    return Cgroup{std::move(folders)};
}

Result<void> Cgroup::create() const {
    for (const CgroupFolder& folder : folders_) {
        KOS_TRY(explain(make_folder(folder, folder.path), where, "making " + folder.path));
    }
    return {};
}

const CgroupFolder* Cgroup::folder_of(std::string_view controller) const {
    const auto found = std::ranges::find_if(folders_, [&](const CgroupFolder& folder) {
        const auto parts = split(folder.controllers, ',');
        return folder.unified() || std::ranges::find(parts, controller) != parts.end();
    });
    return found == folders_.end() ? nullptr : &*found;
}

Result<CgroupEntrance> Cgroup::open_entrance(const std::string& below) const {
    if (leaves_its_root(below)) return fail("--cgroup", "must not hold \"..\"");
    CgroupEntrance entrance;
    for (const CgroupFolder& folder : folders_) {
        const std::string path = folder.path + (below.empty() ? "" : "/" + below);
        if (folder.unified()) {
            entrance.unified = KOS_TRY(
                explain(sys::open(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY), where, path));
        } else {
            entrance.procs.push_back(KOS_TRY(explain(
                sys::open(AT_FDCWD, (path + "/cgroup.procs").c_str(), O_WRONLY), where, path)));
        }
    }
    return entrance;
}

Result<void> enter(const CgroupEntrance& entrance) {
    for (const sys::UniqueFd& procs : entrance.procs) {
        KOS_TRY(explain(sys::write_all(procs.get(), "0"), where, "entering the control group"));
    }
    return {};
}

}  // namespace kos::oci
