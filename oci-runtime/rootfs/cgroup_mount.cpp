// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/cgroup_mount.hpp"

#include "lib/linux/mount.hpp"
#include "oci-runtime/cgroup/hierarchy.hpp"

#include <sched.h>

namespace kos::oci {

namespace {

using sys::UniqueFd;

constexpr unsigned safe_attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

sys::Result<UniqueFd> new_unified(unsigned attributes) {
    auto context = KOS_TRY(sys::FilesystemContext::create("cgroup2"));
    return context.mount(attributes);
}

sys::Result<UniqueFd> new_hierarchy(const std::string& controllers) {
    auto context = KOS_TRY(sys::FilesystemContext::create("cgroup"));
    KOS_TRY(context.set("source", "cgroup"));
    // "cpu,cpuacct" is two flags, "name=systemd" a setting.
    for (const std::string_view name : split(controllers, ',')) {
        const std::size_t equals = name.find('=');
        const std::string key{name.substr(0, equals)};
        KOS_TRY(equals == std::string_view::npos
                    ? context.set_flag(key.c_str())
                    : context.set(key.c_str(), std::string{name.substr(equals + 1)}.c_str()));
    }
    return context.mount(safe_attributes);
}

sys::Result<UniqueFd> own_part(const CgroupHierarchy& hierarchy, const std::string& path) {
    return sys::clone_mount(AT_FDCWD, (hierarchy.mount_point + path).c_str(), false);
}

std::string own_path(const CgroupHierarchy& hierarchy) {
    return own_cgroup_path(hierarchy).value_or("/");
}

Result<void> attach_part(const RootDirectory& root, const std::string& destination,
                         sys::Result<UniqueFd> made, std::uint64_t attributes,
                         const std::string& where) {
    if (!made) return fail(where, "cgroup for " + destination, made.error());
    const UniqueFd target =
        KOS_TRY(explain(root.make_directory(destination), where + "/destination", destination));
    KOS_TRY(
        explain(sys::set_attributes(made->get(), {.set = attributes}, false), where, "attributes"));
    return explain(sys::attach(made->get(), target.get()), where,
                   "cannot be mounted on " + destination);
}

Result<void> mount_unified(const RootDirectory& root, const Mount& mount,
                           const CgroupHierarchy& hierarchy, const std::string& where) {
    const std::uint64_t attributes = mount.parsed.attributes.set;
    auto made = new_unified(static_cast<unsigned>(attributes));
    // Refused in a user namespace without a cgroup namespace.
    if (!made) made = own_part(hierarchy, own_path(hierarchy));
    return attach_part(root, mount.destination, std::move(made), attributes, where);
}

/// "cpu" → "cpu,cpuacct", where controllers share a hierarchy.
Result<void> link_controllers(const UniqueFd& folder, const CgroupHierarchy& hierarchy,
                              const std::string& where) {
    const std::string name = hierarchy.name();
    for (const std::string_view controller : split(hierarchy.controllers, ',')) {
        if (controller == name || controller.find('=') != std::string_view::npos) continue;
        if (::symlinkat(name.c_str(), folder.get(), std::string{controller}.c_str()) != 0 &&
            errno != EEXIST) {
            return fail(where, "linking " + std::string{controller}, sys::Errno{errno});
        }
    }
    return {};
}

Result<UniqueFd> mount_folder(const RootDirectory& root, const Mount& mount,
                              const std::string& where) {
    auto folder = [&]() -> sys::Result<UniqueFd> {
        auto context = KOS_TRY(sys::FilesystemContext::create("tmpfs"));
        KOS_TRY(context.set("mode", "755"));
        return context.mount(safe_attributes);
    }();
    if (!folder) return fail(where, "tmpfs", folder.error());
    const UniqueFd target = KOS_TRY(
        explain(root.make_directory(mount.destination), where + "/destination", mount.destination));
    KOS_TRY(explain(sys::attach(folder->get(), target.get()), where, mount.destination));
    return std::move(folder).value();
}

Result<void> mount_hierarchies(const RootDirectory& root, const Mount& mount,
                               const LinuxConfig& config,
                               const std::vector<CgroupHierarchy>& hierarchies,
                               const std::string& where) {
    const UniqueFd folder = KOS_TRY(mount_folder(root, mount, where));
    for (const CgroupHierarchy& hierarchy : hierarchies) {
        if (hierarchy.unified()) continue;
        const std::string destination = mount.destination + "/" + hierarchy.name();
        auto made = config.has(CLONE_NEWCGROUP) ? new_hierarchy(hierarchy.controllers)
                                                : own_part(hierarchy, own_path(hierarchy));
        KOS_TRY(attach_part(root, destination, std::move(made),
                            mount.parsed.attributes.set | safe_attributes, where));
        KOS_TRY(link_controllers(folder, hierarchy, where));
    }
    return explain(sys::set_attributes(folder.get(), {.set = mount.parsed.attributes.set}, false),
                   where, "attributes");
}

}  // namespace

Result<void> mount_cgroup(const RootDirectory& root, const Mount& mount, const LinuxConfig& config,
                          const std::string& where) {
    const std::vector<CgroupHierarchy> hierarchies = KOS_TRY(find_cgroup_hierarchies());
    if (hierarchies.empty()) return fail(where, "this system has no cgroups mounted");
    const bool unified = hierarchies.size() == 1 && hierarchies.front().unified();
    if (unified || mount.type == "cgroup2") {
        return mount_unified(root, mount, hierarchies.back(), where);
    }
    return mount_hierarchies(root, mount, config, hierarchies, where);
}

}  // namespace kos::oci
