// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/mounts.hpp"

#include "kosinit/setup/disks.hpp"
#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"

#include <sys/mount.h>
#include <unistd.h>

namespace kos::init {

namespace {

constexpr unsigned plain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;

sys::Result<void> configure(sys::FilesystemContext& context, const MountRequest& request) {
    KOS_TRY(context.set("source", request.source.empty() ? request.type : request.source.c_str()));
    // A disk that cannot be written is opened for reading only.
    if ((request.attributes & MOUNT_ATTR_RDONLY) != 0) KOS_TRY(context.set_flag("ro"));
    for (const auto& [key, value] : request.options) {
        KOS_TRY(context.set(key, value.c_str()));
    }
    return {};
}

Outcome<void> mount_error(const MountRequest& request, const sys::FilesystemContext& context,
                          sys::Errno error) {
    std::string detail = std::string{request.type} + ": " + sys::describe(error);
    if (const std::string said = context.explanation(); !said.empty()) detail += ": " + said;
    return fail(ErrorCode::GuestMount, request.target, detail);
}

Outcome<void> link(const char* target, const char* name) {
    const auto made = sys::done(::symlink(target, name));
    if (made || made.error() == EEXIST) return {};
    return explain(sys::Result<void>{Err{made.error()}}, ErrorCode::GuestMount, name, "symlink");
}

}  // namespace

Outcome<void> mount(const MountRequest& request) {
    const auto made = sys::make_directories(request.target, 0755);
    if (!made && !(made.error() == EROFS)) {
        return fail(ErrorCode::GuestMount, request.target, "mkdir: " + sys::describe(made.error()));
    }
    auto context = sys::FilesystemContext::create(request.type);
    if (!context) {
        const bool is_unknown = context.error() == ENODEV;
        return fail(ErrorCode::GuestMount, request.target,
                    is_unknown ? std::string{"the kernel has no "} + request.type
                               : sys::describe(context.error()));
    }
    const auto configured = configure(*context, request);
    if (!configured) return mount_error(request, *context, configured.error());
    const auto mounted = context->mount(request.attributes);
    if (!mounted) return mount_error(request, *context, mounted.error());
    const auto place = KOS_TRY(explain(sys::open(AT_FDCWD, request.target.c_str(), O_PATH),
                                       ErrorCode::GuestMount, request.target));
    return explain(sys::attach(mounted->get(), place.get()), ErrorCode::GuestMount, request.target,
                   "move_mount");
}

Outcome<void> mount_first() {
    KOS_TRY(mount({"proc", "/proc", plain}));
    KOS_TRY(mount({"sysfs", "/sys", plain}));
    return mount({"devtmpfs", "/dev", MOUNT_ATTR_NOSUID, {}, {{"mode", "0755"}}});
}

Outcome<void> mount_rest() {
    KOS_TRY(mount({"devpts",
                   "/dev/pts",
                   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                   {},
                   {{"mode", "0620"}, {"gid", "5"}, {"ptmxmode", "0666"}}}));
    KOS_TRY(mount({"tmpfs", "/dev/shm", plain, {}, {{"mode", "1777"}}}));
    KOS_TRY(mount({"mqueue", "/dev/mqueue", plain}));
    KOS_TRY(mount({"tmpfs", "/run", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, {}, {{"mode", "0755"}}}));
    KOS_TRY(mount({"tmpfs", "/tmp", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, {}, {{"mode", "1777"}}}));
    KOS_TRY(link("/proc/self/fd", "/dev/fd"));
    KOS_TRY(link("/proc/self/fd/0", "/dev/stdin"));
    KOS_TRY(link("/proc/self/fd/1", "/dev/stdout"));
    return link("/proc/self/fd/2", "/dev/stderr");
}

Outcome<void> mount_volumes(const std::vector<std::string>& serials) {
    constexpr int patience_ms = 3000;
    for (const std::string& serial : serials) {
        const std::string device = KOS_TRY(wait_for_disk(serial, patience_ms));
        KOS_TRY(mount(
            {"ext4", "/run/volumes/" + serial, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID, device}));
        // Programs want their data folder empty; e2fsck makes it again where it needs one.
        (void)::rmdir(("/run/volumes/" + serial + "/lost+found").c_str());
    }
    return {};
}

Outcome<std::string> mount_cgroups() {
    const std::string root = "/sys/fs/cgroup";
    KOS_TRY(mount({"cgroup2", root, plain}));
    std::string controllers =
        KOS_TRY(explain(sys::read_file(AT_FDCWD, (root + "/cgroup.controllers").c_str()),
                        ErrorCode::GuestMount, root, "reading its controllers"));
    std::string refused;
    const std::string control = root + "/cgroup.subtree_control";
    std::string name;
    for (const char byte : controllers + "\n") {
        if (byte != ' ' && byte != '\n') {
            name += byte;
            continue;
        }
        if (name.empty()) continue;
        if (!sys::write_file(AT_FDCWD, control.c_str(), "+" + name)) refused += " " + name;
        name.clear();
    }
    return refused;
}

}  // namespace kos::init
