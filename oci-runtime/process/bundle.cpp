// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/bundle.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/rootfs/private_proc.hpp"

#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

namespace kos::oci {

namespace {

sys::Result<std::string> real_path(const std::string& path) {
    struct Free {
        void operator()(char* text) const { std::free(text); }
    };
    const std::unique_ptr<char, Free> resolved{::realpath(path.c_str(), nullptr)};
    if (!resolved) return sys::last_error();
    return std::string{resolved.get()};
}

Result<std::string> find_rootfs(const std::string& bundle, const std::string& path) {
    const std::string full = path.starts_with('/') ? path : bundle + "/" + path;
    std::string rootfs = KOS_TRY(explain(real_path(full), "/root/path", full));
    const auto status = KOS_TRY(explain(sys::stat(AT_FDCWD, rootfs.c_str()), "/root/path", full));
    if (!S_ISDIR(status.st_mode)) return fail("/root/path", full + " is no directory");
    return rootfs;
}

/// Sources of bind mounts are relative to the bundle.
void make_sources_absolute(Config& config, const std::string& bundle) {
    for (Mount& mount : config.mounts) {
        if (mount.parsed.bind && !mount.source.starts_with('/')) {
            mount.source = bundle + "/" + mount.source;
        }
    }
}

}  // namespace

Result<Bundle> load_bundle(const std::string& path, const std::string& config_file) {
    Bundle bundle;
    bundle.path = KOS_TRY(explain(real_path(path), "--bundle", path));
    std::string file = config_file.empty() ? "config.json" : config_file;
    if (!file.starts_with('/')) file = bundle.path + "/" + file;
    bundle.text = KOS_TRY(explain(sys::read_file(AT_FDCWD, file.c_str()), file, "cannot be read"));
    bundle.config = KOS_TRY(parse_config(bundle.text));
    KOS_TRY(check_supported(bundle.config));
    bundle.rootfs = KOS_TRY(find_rootfs(bundle.path, bundle.config.root.path));
    make_sources_absolute(bundle.config, bundle.path);
    return bundle;
}

namespace {

/// The kernel registers its filesystem only where SELinux is switched on.
bool has_selinux() {
    const auto filesystems = sys::read_file(AT_FDCWD, "/proc/filesystems");
    return !filesystems || filesystems->find("\tselinuxfs\n") != std::string::npos;
}

}  // namespace

std::vector<std::string> drop_what_has_no_effect(Config& config) {
    std::vector<std::string> warnings;
    for (std::size_t i = 0; i < config.mounts.size(); ++i) {
        MountOptions& options = config.mounts[i].parsed;
        if (!options.bind) continue;
        for (const auto& [key, value] : options.data) {
            // Engines give binds a mode that never meant anything.
            if (key == "mode") continue;
            warnings.push_back("/mounts/" + std::to_string(i) + "/options: \"" + key +
                               "\" has no effect on a bind mount");
        }
        options.data.clear();
    }
    std::string& label = config.linux_config.mount_label;
    if (!label.empty() && !has_selinux()) {
        warnings.emplace_back("/linux/mountLabel: has no effect: this kernel has no SELinux");
        label.clear();
    }
    return warnings;
}

Result<void> check_supported(const Config& config) {
    const LinuxConfig& linux_config = config.linux_config;
    KOS_TRY(check_sysctls(linux_config));
    if (!linux_config.net_devices.empty() && !linux_config.has(CLONE_NEWNET)) {
        return fail("/linux/netDevices", "needs a network namespace of the container's own");
    }
    if (config.process && config.process->args.empty()) {
        return fail("/process/args", "must not be empty");
    }
    return {};
}

}  // namespace kos::oci
