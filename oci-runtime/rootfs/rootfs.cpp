// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/rootfs.hpp"

#include "lib/linux/mount.hpp"
#include "oci-runtime/rootfs/devices.hpp"
#include "oci-runtime/rootfs/masks.hpp"

#include <sched.h>
#include <sys/stat.h>

namespace kos::oci {

namespace {

using sys::UniqueFd;

constexpr std::string_view where_root = "/root/path";

/// pivot_root(2) refuses a root whose parent mount is shared.
sys::Result<void> make_parent_mount_private(const std::string& path) {
    UniqueFd here = KOS_TRY(sys::open(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY));
    for (;;) {
        const auto made = sys::set_attributes(here.get(), {.propagation = MS_PRIVATE}, false);
        // EINVAL: not the root of a mount; its parent directory may be.
        if (made || !(made.error() == EINVAL)) return made;
        const struct stat before = KOS_TRY(sys::stat(here.get()));
        here = KOS_TRY(sys::open(here.get(), "..", O_PATH | O_DIRECTORY));
        const struct stat after = KOS_TRY(sys::stat(here.get()));
        if (before.st_ino == after.st_ino && before.st_dev == after.st_dev) {
            return Err{sys::Errno{EINVAL}};
        }
    }
}

sys::Result<void> set_host_propagation(std::uint64_t propagation) {
    const UniqueFd top = KOS_TRY(sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY));
    const std::uint64_t type =
        propagation == 0 ? std::uint64_t{MS_SLAVE} : propagation & ~std::uint64_t{MS_REC};
    // Unbindable is a property of the container's root; here it would forbid making one.
    const bool recursive = propagation == 0 || (propagation & MS_REC) != 0;
    auto set = sys::set_attributes(
        top.get(), {.propagation = type == MS_UNBINDABLE ? std::uint64_t{MS_PRIVATE} : type},
        recursive);
    // EINVAL: the root is no mount point (a chroot): then the caller's mounts stay as they are.
    if (!set && set.error() == EINVAL) return {};
    return set;
}

}  // namespace

Result<RootDirectory> enter_root_mount(const Config& config, const std::string& path) {
    const std::uint64_t propagation = config.linux_config.rootfs_propagation;
    if (config.linux_config.has(CLONE_NEWNS)) {
        KOS_TRY(explain(set_host_propagation(propagation), "/linux/rootfsPropagation",
                        "cannot be set"));
    }
    if ((propagation & MS_SHARED) != 0) {
        KOS_TRY(explain(make_parent_mount_private(path), where_root, "parent mount"));
    }
    UniqueFd mount =
        KOS_TRY(explain(sys::clone_mount(AT_FDCWD, path.c_str(), true), where_root, path));
    const UniqueFd target =
        KOS_TRY(explain(sys::open(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY), where_root, path));
    KOS_TRY(explain(sys::attach(mount.get(), target.get()), where_root, "mounting on itself"));
    return RootDirectory{std::move(mount)};
}

Result<void> fill_root(const RootDirectory& root, const Config& config,
                       const PreparedMounts& prepared) {
    KOS_TRY(make_mounts(root, config, prepared));
    if (fills_dev(config)) {
        KOS_TRY(make_devices(root, config.linux_config));
        KOS_TRY(make_dev_links(root));
    }
    if (!config.process || config.process->cwd == "/") return {};
    const auto cwd = root.make_directory(config.process->cwd);
    // Whoever runs in it may reach what root cannot (a network filesystem): chdir(2) will tell.
    if (!cwd && !(cwd.error() == EACCES)) {
        return fail("/process/cwd", config.process->cwd, cwd.error());
    }
    return {};
}

Result<void> seal_root(const RootDirectory& root, const Config& config) {
    KOS_TRY(make_paths_readonly(root, config.linux_config.readonly_paths));
    KOS_TRY(mask_paths(root, config.linux_config.masked_paths));
    if (!config.root.readonly) return {};
    return explain(sys::set_attributes(root.fd(), {.set = MOUNT_ATTR_RDONLY}, false),
                   "/root/readonly", "cannot be set");
}

namespace {

/// The new root, moved over the old one. The root of an initramfs has no parent mount and cannot be
/// pivoted; below the moved mount it cannot be reached any more: ".." of the new root leads
/// nowhere, and whatever climbs out of a chroot lands on the mount on top.
sys::Result<void> move_over_root(const RootDirectory& root) {
    const UniqueFd top = KOS_TRY(sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY));
    KOS_TRY(sys::attach(root.fd(), top.get()));
    return sys::done(::chroot("."));
}

sys::Result<void> pivot(const RootDirectory& root) {
    const UniqueFd old = KOS_TRY(sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY));
    KOS_TRY(sys::done(::fchdir(root.fd())));
    auto pivoted = sys::pivot_root_here();
    if (!pivoted && pivoted.error() == EINVAL) return move_over_root(root);
    KOS_TRY(std::move(pivoted));
    // The old root is stacked on the new one now; what is below must not be unmounted in the host.
    KOS_TRY(sys::set_attributes(old.get(), {.propagation = MS_SLAVE}, true));
    return sys::done(::umount2(".", MNT_DETACH));
}

}  // namespace

Result<void> change_root(const RootDirectory& root, const Config& config, bool no_pivot) {
    if (!config.linux_config.has(CLONE_NEWNS)) {
        KOS_TRY(explain(sys::done(::fchdir(root.fd())), where_root, "fchdir"));
        KOS_TRY(explain(sys::done(::chroot(".")), where_root, "chroot"));
    } else if (no_pivot) {
        KOS_TRY(explain(sys::done(::fchdir(root.fd())), where_root, "fchdir"));
        KOS_TRY(explain(move_over_root(root), where_root, "moving the root"));
    } else {
        KOS_TRY(explain(pivot(root), where_root, "changing the root"));
    }
    KOS_TRY(explain(sys::done(::chdir("/")), where_root, "chdir"));
    const std::uint64_t propagation = config.linux_config.rootfs_propagation;
    if (propagation == 0) return {};
    return explain(
        sys::set_attributes(root.fd(), {.propagation = propagation & ~std::uint64_t{MS_REC}},
                            (propagation & MS_REC) != 0),
        "/linux/rootfsPropagation", "cannot be set");
}

}  // namespace kos::oci
