// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/private_proc.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"

#include <algorithm>
#include <array>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>

namespace kos::oci {

bool is_procfs(sys::Fd fd) {
    const auto type = sys::filesystem_type(fd);
    return type && *type == PROC_SUPER_MAGIC;
}

namespace {

sys::Result<sys::UniqueFd> new_procfs() {
    auto context = KOS_TRY(sys::FilesystemContext::create("proc"));
    return context.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

}  // namespace

Result<PrivateProc> PrivateProc::open() {
    auto fresh = new_procfs();
    if (fresh) return PrivateProc{std::move(fresh).value()};
    auto clone = sys::clone_mount(AT_FDCWD, "/proc", false);
    if (!clone) return fail("procfs", "cannot be mounted", fresh.error());
    if (!is_procfs(clone->get())) return fail("procfs", "/proc is not a procfs");
    return PrivateProc{std::move(clone).value()};
}

sys::Result<sys::UniqueFd> PrivateProc::open_file(const std::string& path, int flags) const {
    auto file = sys::open_resolved(fd_.get(), path.c_str(), flags,
                                   RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
    if (!file && (file.error() == ENOSYS || file.error() == EPERM)) {
        // Nothing is mounted on this procfs, so a plain open cannot be led elsewhere.
        file = sys::open(fd_.get(), path.c_str(), flags | O_NOFOLLOW);
    }
    if (file && !is_procfs(file->get())) return Err{sys::Errno{EXDEV}};
    return file;
}

sys::Result<void> PrivateProc::write(const std::string& path, std::string_view text) const {
    const sys::UniqueFd file = KOS_TRY(open_file(path, O_WRONLY));
    return sys::write_all(file.get(), text);
}

namespace {

/// Those of kernel.* that are part of the IPC namespace.
constexpr auto ipc_sysctls = std::to_array<std::string_view>({
    "kernel/msgmax",
    "kernel/msgmnb",
    "kernel/msgmni",
    "kernel/sem",
    "kernel/shmall",
    "kernel/shmmax",
    "kernel/shmmni",
    "kernel/shm_rmid_forced",
});

/// "net.ipv4.ip_forward" or "net/ipv4/ip_forward" as a path. As in sysctl(8), the separator that
/// comes first is the separator; the other then stands for itself.
std::string path_of(std::string_view key) {
    std::string path{key};
    const std::size_t first = key.find_first_of("./");
    if (first == std::string_view::npos || key[first] == '/') return path;
    for (char& c : path) {
        if (c == '.') {
            c = '/';
        } else if (c == '/') {
            c = '.';
        }
    }
    return path;
}

Result<void> check_sysctl(const LinuxConfig& config, const std::string& key) {
    const std::string path = path_of(key);
    const std::string where = "/linux/sysctl/" + key;
    const auto needs = [&](std::uint64_t flag, const char* kind) -> Result<void> {
        if (config.has(flag)) return {};
        return fail(where, std::string{"needs a "} + kind + " namespace of the container's own");
    };
    if (("/" + path + "/").find("/../") != std::string::npos) return fail(where, "no such sysctl");
    if (path.starts_with("net/")) return needs(CLONE_NEWNET, "network");
    if (path.starts_with("fs/mqueue/")) return needs(CLONE_NEWIPC, "ipc");
    if (std::ranges::find(ipc_sysctls, path) != ipc_sysctls.end()) {
        return needs(CLONE_NEWIPC, "ipc");
    }
    if (path == "kernel/domainname" || path == "kernel/hostname") {
        return needs(CLONE_NEWUTS, "uts");
    }
    if (path.starts_with("user/")) return needs(CLONE_NEWUSER, "user");
    return fail(where, "is not confined to a namespace");
}

}  // namespace

Result<void> check_sysctls(const LinuxConfig& config) {
    for (const auto& [key, value] : config.sysctl) KOS_TRY(check_sysctl(config, key));
    return {};
}

Result<void> apply_sysctls(const LinuxConfig& config, const PrivateProc& proc) {
    for (const auto& [key, value] : config.sysctl) {
        KOS_TRY(explain(proc.write("sys/" + path_of(key), value), "/linux/sysctl/" + key,
                        "cannot be set to \"" + value + "\""));
    }
    return {};
}

}  // namespace kos::oci
