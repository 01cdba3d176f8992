// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/mounter.hpp"

#include "lib/linux/mount.hpp"
#include "oci-runtime/rootfs/cgroup_mount.hpp"
#include "oci-runtime/rootfs/filesystem.hpp"
#include "oci-runtime/rootfs/id_mapped.hpp"
#include "oci-runtime/rootfs/private_proc.hpp"
#include "oci-runtime/rootfs/tree_copy.hpp"

#include <algorithm>
#include <array>
#include <linux/magic.h>

namespace kos::oci {

namespace {

using sys::UniqueFd;

std::string where_of(std::size_t index) { return "/mounts/" + std::to_string(index); }

/// Files of /proc that lxcfs and others put substitutes on; nothing else is mounted there
/// (CVE-2019-16884).
constexpr auto replaceable_proc_files = std::to_array<std::string_view>({
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/net/dev",
    "/proc/slabinfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/crypto/fips_enabled",
});

Result<void> check_target(const Mount& mount, const UniqueFd& target, const std::string& where) {
    if (mount.type == "proc" || !is_procfs(target.get())) return {};
    if (std::ranges::find(replaceable_proc_files, mount.destination) !=
        replaceable_proc_files.end()) {
        return {};
    }
    return fail(where + "/destination", mount.destination + " is inside /proc");
}

/// procfs and sysfs are found where the path says, or not at all (CVE-2019-19921, CVE-2023-27561).
Links links_towards(const Mount& mount) {
    return mount.type == "proc" || mount.type == "sysfs" ? Links::Refuse : Links::Follow;
}

Result<UniqueFd> make_target(const RootDirectory& root, const Mount& mount, bool directory,
                             const std::string& where) {
    auto target = directory ? root.make_directory(mount.destination, links_towards(mount))
                            : root.make_file(mount.destination);
    if (!target) {
        const bool link = target.error() == ELOOP && links_towards(mount) == Links::Refuse;
        return fail(where + "/destination",
                    mount.destination + (link ? " leads through a symbolic link" : ""),
                    target.error());
    }
    KOS_TRY(check_target(mount, *target, where));
    return std::move(target).value();
}

Result<void> set_attributes(const Mount& mount, const UniqueFd& made, const std::string& where) {
    const MountOptions& options = mount.parsed;
    const auto change = [&](const AttributeChange& attributes, bool recursive) -> Result<void> {
        if (attributes.empty()) return {};
        return explain(
            sys::set_attributes(made.get(), {.set = attributes.set, .clear = attributes.clear},
                                recursive),
            where + "/options", recursive ? "recursive attributes" : "attributes");
    };
    KOS_TRY(change(options.recursive_attributes, true));
    return change(options.attributes, false);
}

/// After attaching: a mount that is attached gets the propagation of its parent.
Result<void> set_propagation(const Mount& mount, const UniqueFd& made, const std::string& where) {
    for (const Propagation& each : mount.parsed.propagation) {
        KOS_TRY(explain(sys::set_attributes(made.get(), {.propagation = each.type}, each.recursive),
                        where + "/options", "propagation"));
    }
    return {};
}

Result<UniqueFd> open_source(const Mount& mount, const std::string& where) {
    return explain(sys::clone_mount(AT_FDCWD, mount.source.c_str(), mount.parsed.recursive_bind),
                   where + "/source", mount.source);
}

Result<void> bind(const RootDirectory& root, const Mount& mount, UniqueFd source,
                  const std::string& where) {
    const auto status = KOS_TRY(explain(sys::stat(source.get()), where, mount.source));
    const UniqueFd target = KOS_TRY(make_target(root, mount, S_ISDIR(status.st_mode), where));
    KOS_TRY(set_attributes(mount, source, where));
    KOS_TRY(explain(sys::attach(source.get(), target.get()), where,
                    "cannot be mounted on " + mount.destination));
    return set_propagation(mount, source, where);
}

Result<void> copy_up(const UniqueFd& target, const UniqueFd& made, const std::string& where) {
    return explain(copy_tree(target.get(), made.get()), where + "/options", "tmpcopyup");
}

Result<void> mount_filesystem(const RootDirectory& root, const Mount& mount,
                              const std::string& mount_label, const std::string& where) {
    const bool is_new = mount.type == "tmpfs" && !root.find(mount.destination).ok();
    const UniqueFd target = KOS_TRY(make_target(root, mount, true, where));
    if (needs_classic_mount(mount)) {
        KOS_TRY(mount_classic(mount, target, where));
        const UniqueFd made =
            KOS_TRY(explain(root.find(mount.destination), where, mount.destination));
        KOS_TRY(set_attributes(mount, made, where));
        return set_propagation(mount, made, where);
    }
    const UniqueFd made = KOS_TRY(create_filesystem(mount, target, is_new, mount_label, where));
    if (mount.parsed.copy_up) KOS_TRY(copy_up(target, made, where));
    KOS_TRY(set_attributes(mount, made, where));
    KOS_TRY(explain(sys::attach(made.get(), target.get()), where,
                    "cannot be mounted on " + mount.destination));
    return set_propagation(mount, made, where);
}

Result<void> remount(const RootDirectory& root, const Mount& mount, const std::string& where) {
    const UniqueFd target =
        KOS_TRY(explain(root.find(mount.destination), where + "/destination", mount.destination));
    return set_attributes(mount, target, where);
}

Result<void> make_mount(const RootDirectory& root, const Config& config, std::size_t index,
                        const PreparedMounts& prepared) {
    const Mount& mount = config.mounts[index];
    const std::string where = where_of(index);
    if (mount.parsed.remount) return remount(root, mount, where);
    if (const auto ready = prepared.find(index); ready != prepared.end()) {
        auto source = explain(sys::check(::fcntl(ready->second.get(), F_DUPFD_CLOEXEC, 3)), where,
                              mount.source);
        return bind(root, mount, UniqueFd{KOS_TRY(std::move(source))}, where);
    }
    if (mount.parsed.bind) {
        return bind(root, mount, KOS_TRY(open_source(mount, where)), where);
    }
    if (mount.type == "cgroup" || mount.type == "cgroup2") {
        return mount_cgroup(root, mount, config.linux_config, where);
    }
    return mount_filesystem(root, mount, config.linux_config.mount_label, where);
}

}  // namespace

Result<PreparedMounts> prepare_mounts(const Config& config, bool all_binds) {
    PreparedMounts prepared;
    for (std::size_t i = 0; i < config.mounts.size(); ++i) {
        const Mount& mount = config.mounts[i];
        const bool mapped =
            mount.parsed.id_mapping != MountMapping::None || !mount.uid_mappings.empty();
        if (!mount.parsed.bind || !(mapped || all_binds)) continue;
        UniqueFd source = KOS_TRY(open_source(mount, where_of(i)));
        if (mapped) KOS_TRY(map_ids(source, mount, config.linux_config, where_of(i)));
        prepared.emplace(i, std::move(source));
    }
    return prepared;
}

Result<void> make_mounts(const RootDirectory& root, const Config& config,
                         const PreparedMounts& prepared) {
    for (std::size_t i = 0; i < config.mounts.size(); ++i) {
        KOS_TRY(make_mount(root, config, i, prepared));
    }
    return {};
}

}  // namespace kos::oci
