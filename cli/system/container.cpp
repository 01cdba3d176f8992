// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/container.hpp"

#include "cli/oci/digest.hpp"
#include "oci-runtime/rootfs/private_proc.hpp"
#include "oci-runtime/spec/capability_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sched.h>

namespace kos::system {
namespace {

using compose::Position;
using compose::Service;

struct KnownDevice {
    std::string_view path;
    std::uint32_t major, minor, mode;
};
/// Devices of every guest's kernel whose numbers are fixed (Linux, admin-guide/devices.txt), with
/// the modes that devtmpfs gives them.
constexpr auto known_devices = std::to_array<KnownDevice>({
    {"/dev/null", 1, 3, 0666},
    {"/dev/zero", 1, 5, 0666},
    {"/dev/full", 1, 7, 0666},
    {"/dev/random", 1, 8, 0666},
    {"/dev/urandom", 1, 9, 0666},
    {"/dev/kmsg", 1, 11, 0644},
    {"/dev/tty", 5, 0, 0666},
    {"/dev/hwrng", 10, 183, 0600},
});

std::string upper(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

/// `NET_ADMIN`, `cap_net_admin`, `ALL`.
Outcome<std::vector<std::string>> capabilities_in(const compose::Strings& names,
                                                  const Position& position) {
    std::vector<std::string> capabilities;
    for (const std::string& each : names) {
        std::string name = upper(each);
        if (name != "ALL" && !name.starts_with("CAP_")) name.insert(0, "CAP_");
        if (name != "ALL" && !oci::capability_number(name)) {
            return fail(ErrorCode::ComposeValue, to_string(position),
                        "\"" + each + "\" is no capability");
        }
        capabilities.push_back(std::move(name));
    }
    return capabilities;
}

Outcome<std::vector<pack::ContainerDevice>> devices_of(const Service& service) {
    std::vector<pack::ContainerDevice> devices;
    const std::string where = to_string(service.position_of("devices"));
    for (const compose::Device& from : service.devices) {
        const auto known =
            std::find_if(known_devices.begin(), known_devices.end(),
                         [&](const KnownDevice& each) { return each.path == from.source; });
        if (known == known_devices.end()) {
            std::string names;
            for (const KnownDevice& each : known_devices) {
                names.append(names.empty() ? "" : ", ").append(each.path);
            }
            return fail(
                ErrorCode::ComposeUnsupported, where,
                "devices: " + from.source + " is no device that guests have (" + names + ")");
        }
        if (!from.target.starts_with('/')) {
            return fail(ErrorCode::ComposeValue, where,
                        "devices: \"" + from.target + "\" is no absolute path");
        }
        devices.push_back({from.target, known->major, known->minor, known->mode, from.permissions});
    }
    return devices;
}

/// As the guest's runtime will check them: the network is the guest's, and so the container's own.
Outcome<void> check_sysctls(const Service& service) {
    oci::LinuxConfig config;
    for (const int flag : {CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWUTS}) {
        config.namespaces.push_back({static_cast<std::uint64_t>(flag), {}});
    }
    config.sysctl = service.sysctls;
    const auto checked = oci::check_sysctls(config);
    if (checked) return {};
    const std::string key = checked.error().where.substr(sizeof("/linux/sysctl/") - 1);
    return fail(ErrorCode::ComposeUnsupported, to_string(service.position_of("sysctls")),
                "sysctls: " + key + " " + checked.error().what);
}

std::uint64_t limit_of(std::int64_t value) {
    return value < 0 ? pack::ResourceLimit::none : static_cast<std::uint64_t>(value);
}

}  // namespace

std::string volume_serial(const std::string& volume) {
    constexpr std::size_t digits = 18;  // 20 characters are the most
    const auto digest = oci::digest_of(oci::DigestAlgorithm::Sha256, as_bytes(volume));
    return "v-" + digest.hex().substr(0, digits);
}

pack::TmpfsMount tmpfs_of(const compose::Mount& mount) {
    const compose::TmpfsOptions& options = mount.tmpfs;
    return {mount.target,
            mount.read_only,
            options.size,
            options.mode.value_or(01777),
            options.user.value_or(0),
            options.group.value_or(0)};
}

Outcome<pack::ContainerOptions> container_of(const compose::Project& project,
                                             const Service& service) {
    pack::ContainerOptions container;
    container.added_capabilities =
        KOS_TRY(capabilities_in(service.cap_add, service.position_of("cap_add")));
    container.dropped_capabilities =
        KOS_TRY(capabilities_in(service.cap_drop, service.position_of("cap_drop")));
    container.privileged = service.privileged;
    container.init = service.init;
    for (const auto& [name, limit] : service.ulimits) {
        container.limits.push_back(
            {"RLIMIT_" + upper(name), limit_of(limit.soft), limit_of(limit.hard)});
    }
    KOS_TRY(check_sysctls(service));
    container.sysctls = service.sysctls;
    for (const compose::Mount& mount : service.volumes) {
        const compose::Volume* const volume = project.find_volume(mount.source);
        if (mount.type == compose::Mount::Type::Tmpfs) {
            container.tmpfs.push_back(tmpfs_of(mount));
        } else if (volume != nullptr && volume->tmpfs) {
            const compose::TmpfsOptions& options = *volume->tmpfs;
            container.tmpfs.push_back({mount.target, mount.read_only || options.read_only,
                                       options.size, options.mode, options.user, options.group});
        } else {
            container.volumes.push_back(
                {volume_serial(mount.source), mount.target, mount.read_only});
        }
    }
    container.devices = KOS_TRY(devices_of(service));
    return container;
}

}  // namespace kos::system
