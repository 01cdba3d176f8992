// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/devices.hpp"

#include "lib/linux/mount.hpp"

#include <algorithm>
#include <array>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace kos::oci {

namespace {

using sys::UniqueFd;

struct DefaultDevice {
    const char* path;
    unsigned major;
    unsigned minor;
};

constexpr auto default_devices = std::to_array<DefaultDevice>({
    {"/dev/null", 1, 3},
    {"/dev/zero", 1, 5},
    {"/dev/full", 1, 7},
    {"/dev/random", 1, 8},
    {"/dev/urandom", 1, 9},
    {"/dev/tty", 5, 0},
});

struct Link {
    const char* path;
    const char* target;
};

constexpr auto dev_links = std::to_array<Link>({
    {"/dev/fd", "/proc/self/fd"},
    {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"},
});

dev_t number_of(const Device& device) {
    return makedev(static_cast<unsigned>(device.major), static_cast<unsigned>(device.minor));
}

bool is_the_device(const struct stat& status, const Device& device) {
    if ((status.st_mode & S_IFMT) != device.type) return false;
    return device.type == S_IFIFO || status.st_rdev == number_of(device);
}

/// The host's node of the same path, over an empty file.
sys::Result<void> bind_device(const RootDirectory& root, const Device& device) {
    const UniqueFd host = KOS_TRY(sys::open(AT_FDCWD, device.path.c_str(), O_PATH | O_NOFOLLOW));
    if (!is_the_device(KOS_TRY(sys::stat(host.get())), device)) return Err{sys::Errno{ENODEV}};
    const UniqueFd source = KOS_TRY(sys::clone_mount(host.get(), "", false));
    const UniqueFd target = KOS_TRY(root.make_file(device.path));
    return sys::attach(source.get(), target.get());
}

sys::Result<void> make_node(const RootDirectory::Entry& entry, const Device& device) {
    const mode_t mode = device.mode.value_or(0666) & 07777;
    const sys::Fd parent = entry.parent.get();
    KOS_TRY(
        sys::done(::mknodat(parent, entry.name.c_str(), device.type | mode, number_of(device))));
    if (device.uid == 0 && device.gid == 0) return {};
    return sys::done(
        ::fchownat(parent, entry.name.c_str(), device.uid, device.gid, AT_SYMLINK_NOFOLLOW));
}

sys::Result<void> make_device(const RootDirectory& root, const Device& device) {
    const RootDirectory::Entry entry = KOS_TRY(root.make_parent(device.path));
    auto made = make_node(entry, device);
    if (made || made.error() == EPERM) {
        return made ? sys::Result<void>{} : bind_device(root, device);
    }
    if (!(made.error() == EEXIST)) return made;
    const auto status =
        KOS_TRY(sys::stat(entry.parent.get(), entry.name.c_str(), AT_SYMLINK_NOFOLLOW));
    return is_the_device(status, device) ? sys::Result<void>{} : Err{sys::Errno{EEXIST}};
}

bool is_configured(const LinuxConfig& config, std::string_view path) {
    return std::ranges::any_of(config.devices,
                               [&](const Device& device) { return device.path == path; });
}

Result<void> make_link(const RootDirectory& root, const Link& link) {
    const auto entry = KOS_TRY(explain(root.make_parent(link.path), link.path, "its folder"));
    if (::symlinkat(link.target, entry.parent.get(), entry.name.c_str()) == 0 || errno == EEXIST) {
        return {};
    }
    return fail(link.path, "symbolic link", sys::Errno{errno});
}

}  // namespace

bool fills_dev(const Config& config) {
    return std::ranges::none_of(config.mounts, [](const Mount& mount) {
        const bool is_dev = mount.destination == "/dev" || mount.destination == "/dev/";
        return is_dev && mount.parsed.bind;
    });
}

Result<void> make_devices(const RootDirectory& root, const LinuxConfig& config) {
    for (const DefaultDevice& each : default_devices) {
        if (is_configured(config, each.path)) continue;
        const Device device{each.path, S_IFCHR, each.major, each.minor, {}, 0, 0};
        KOS_TRY(explain(make_device(root, device), each.path, "cannot be made"));
    }
    for (std::size_t i = 0; i < config.devices.size(); ++i) {
        KOS_TRY(explain(make_device(root, config.devices[i]), "/linux/devices/" + std::to_string(i),
                        config.devices[i].path));
    }
    return {};
}

Result<void> make_dev_links(const RootDirectory& root) {
    for (const Link& link : dev_links) KOS_TRY(make_link(root, link));
    const auto dev = KOS_TRY(explain(root.make_directory("/dev"), "/dev", "cannot be made"));
    // Where the container has its own devpts, the images' /dev/ptmx is that of another.
    if (!root.find("/dev/pts/ptmx")) return {};
    if (::unlinkat(dev.get(), "ptmx", 0) != 0 && errno != ENOENT) {
        return fail("/dev/ptmx", "cannot be replaced", sys::Errno{errno});
    }
    return make_link(root, {"/dev/ptmx", "pts/ptmx"});
}

}  // namespace kos::oci
