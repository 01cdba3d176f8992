// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/root.hpp"

#include "kosinit/setup/mounts.hpp"
#include "lib/linux/file.hpp"

#include <array>
#include <sys/mount.h>
#include <unistd.h>

namespace kos::init {

namespace {

constexpr const char* new_root = "/run/root";

Outcome<void> call(int returned, const std::string& where, const char* doing) {
    return explain(sys::done(returned), ErrorCode::GuestMount, where, doing);
}

Outcome<void> mount_squashfs(const std::string& device, const std::string& target) {
    return mount({"squashfs", target, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, device});
}

Outcome<void> make_overlay(const RootOptions& options) {
    const std::string size =
        options.writable_bytes ? std::to_string(*options.writable_bytes) : "50%";
    KOS_TRY(mount({"tmpfs", "/run/writable", 0, {}, {{"mode", "0755"}, {"size", size}}}));
    KOS_TRY(call(::mkdir("/run/writable/upper", 0755), "/run/writable", "mkdir"));
    KOS_TRY(call(::mkdir("/run/writable/work", 0755), "/run/writable", "mkdir"));
    return mount({"overlay",
                  new_root,
                  0,
                  {},
                  {{"lowerdir", options.has_first ? "/run/linux2:/run/linux1" : "/run/linux2"},
                   {"upperdir", "/run/writable/upper"},
                   {"workdir", "/run/writable/work"}}});
}

/// The disk's own folder over the overlay's: there is nothing to write to.
Outcome<void> cover_with_disk(const char* folder) {
    const std::string from = std::string{"/run/linux2"} + folder;
    const std::string to = new_root + std::string{folder};
    if (!sys::stat(AT_FDCWD, from.c_str())) return {};
    return call(::mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr), to, "bind");
}

Outcome<void> move_into(const char* folder) {
    const std::string to = new_root + std::string{folder};
    KOS_TRY(explain(sys::make_directories(to, 0755), ErrorCode::GuestMount, to, "mkdir"));
    return call(::mount(folder, to.c_str(), nullptr, MS_MOVE, nullptr), to, "move");
}

}  // namespace

Outcome<void> mount_disks(const Disks& disks) {
    // For a root that is a disk itself, and has no place to mount them on.
    KOS_TRY(mount({"tmpfs", "/run", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, {}, {{"mode", "0755"}}}));
    if (disks.first) KOS_TRY(mount_squashfs(*disks.first, "/run/linux1"));
    return mount_squashfs(disks.second, "/run/linux2");
}

Outcome<void> enter_root(const RootOptions& options) {
    KOS_TRY(make_overlay(options));
    if (options.readonly) {
        KOS_TRY(cover_with_disk("/container"));
        KOS_TRY(cover_with_disk("/containers"));
    }
    for (const char* folder : {"/proc", "/sys", "/dev"}) KOS_TRY(move_into(folder));
    KOS_TRY(call(::chdir(new_root), new_root, "chdir"));
    KOS_TRY(call(::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), "/",
                 "making the first root read-only"));
    KOS_TRY(call(::mount(".", "/", nullptr, MS_MOVE, nullptr), new_root, "moving it to /"));
    KOS_TRY(call(::chroot("."), "/", "chroot"));
    return call(::chdir("/"), "/", "chdir");
}

Outcome<void> make_root_read_only() {
    for (const char* folder : {"/etc", "/var"}) {
        KOS_TRY(explain(sys::make_directories(folder, 0755), ErrorCode::GuestMount, folder));
    }
    for (const char* folder : {"/container", "/containers", "/etc", "/var"}) {
        if (!sys::stat(AT_FDCWD, folder)) continue;
        KOS_TRY(call(::mount(folder, folder, nullptr, MS_BIND, nullptr), folder, "bind"));
    }
    return call(::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), "/",
                "making the root read-only");
}

}  // namespace kos::init
