// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/linux.hpp"

#include "oci-runtime/spec/field.hpp"

#include <algorithm>
#include <array>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

namespace kos::oci {

namespace {

constexpr auto namespace_table = std::to_array<Name<std::uint64_t>>({
    {"cgroup", CLONE_NEWCGROUP},
    {"ipc", CLONE_NEWIPC},
    {"mount", CLONE_NEWNS},
    {"network", CLONE_NEWNET},
    {"pid", CLONE_NEWPID},
    {"time", CLONE_NEWTIME},
    {"user", CLONE_NEWUSER},
    {"uts", CLONE_NEWUTS},
});

constexpr auto propagation_table = std::to_array<Name<std::uint64_t>>({
    {"private", MS_PRIVATE},
    {"rprivate", MS_PRIVATE | MS_REC},
    {"shared", MS_SHARED},
    {"rshared", MS_SHARED | MS_REC},
    {"slave", MS_SLAVE},
    {"rslave", MS_SLAVE | MS_REC},
    {"unbindable", MS_UNBINDABLE},
    {"runbindable", MS_UNBINDABLE | MS_REC},
});

constexpr auto device_types = std::to_array<Name<mode_t>>({
    {"b", S_IFBLK},
    {"c", S_IFCHR},
    {"u", S_IFCHR},
    {"p", S_IFIFO},
});

constexpr auto personality_domains = std::to_array<Name<std::uint32_t>>({
    {"LINUX", PER_LINUX},
    {"LINUX32", PER_LINUX32},
});

constexpr auto memory_modes = std::to_array<Name<int>>({
    {"MPOL_DEFAULT", 0},
    {"MPOL_PREFERRED", 1},
    {"MPOL_BIND", 2},
    {"MPOL_INTERLEAVE", 3},
    {"MPOL_LOCAL", 4},
    {"MPOL_PREFERRED_MANY", 5},
    {"MPOL_WEIGHTED_INTERLEAVE", 6},
});

constexpr auto memory_flags = std::to_array<Name<unsigned>>({
    {"MPOL_F_NUMA_BALANCING", 1u << 13},
    {"MPOL_F_RELATIVE_NODES", 1u << 14},
    {"MPOL_F_STATIC_NODES", 1u << 15},
});

}  // namespace

std::span<const Name<std::uint64_t>> namespace_names() { return namespace_table; }
std::span<const Name<int>> memory_policy_modes() { return memory_modes; }
std::span<const Name<unsigned>> memory_policy_flags() { return memory_flags; }

std::uint64_t LinuxConfig::new_namespaces() const {
    std::uint64_t flags = 0;
    for (const Namespace& entry : namespaces) {
        if (entry.path.empty()) flags |= entry.flag;
    }
    return flags;
}

bool LinuxConfig::has(std::uint64_t flag) const {
    return std::ranges::find(namespaces, flag, &Namespace::flag) != namespaces.end();
}

Result<void> decode(const Field& field, Namespace& out) {
    KOS_TRY(field.required_name<std::uint64_t>("type", namespace_table, out.flag));
    KOS_TRY(field.optional("path", out.path));
    if (!out.path.empty() && !out.path.starts_with('/')) {
        return field.error("path", "must be absolute, is \"" + out.path + "\"");
    }
    return {};
}

Result<void> decode(const Field& field, Device& out) {
    KOS_TRY(field.required("path", out.path));
    KOS_TRY(field.required_name<mode_t>("type", device_types, out.type));
    KOS_TRY(field.optional("major", out.major));
    KOS_TRY(field.optional("minor", out.minor));
    KOS_TRY(field.optional("fileMode", out.mode));
    KOS_TRY(field.optional("uid", out.uid));
    KOS_TRY(field.optional("gid", out.gid));
    if (!out.path.starts_with('/')) {
        return field.error("path", "must be absolute, is \"" + out.path + "\"");
    }
    if (out.type != S_IFIFO && !KOS_TRY(field.has("major"))) return field.error("has no \"major\"");
    return {};
}

Result<void> decode(const Field& field, TimeOffset& out) {
    KOS_TRY(field.optional("secs", out.seconds));
    KOS_TRY(field.optional("nanosecs", out.nanoseconds));
    if (out.nanoseconds > 999'999'999) return field.error("nanosecs", "is above 999999999");
    return {};
}

Result<void> decode(const Field& field, MemoryPolicy& out) {
    KOS_TRY(field.required_name<int>("mode", memory_modes, out.mode));
    KOS_TRY(field.optional_mask<unsigned>("flags", memory_flags, out.flags));
    return field.optional("nodes", out.nodes);
}

Result<void> decode(const Field& field, IntelRdt& out) {
    KOS_TRY(field.optional("closID", out.class_id));
    KOS_TRY(field.optional("schemata", out.schemata));
    KOS_TRY(field.optional("l3CacheSchema", out.l3_cache_schema));
    KOS_TRY(field.optional("memBwSchema", out.memory_bandwidth_schema));
    KOS_TRY(field.optional("enableMonitoring", out.enable_monitoring));
    // Up to runtime-spec 1.2; a monitoring group has both.
    bool cache_monitoring = false;
    bool bandwidth_monitoring = false;
    KOS_TRY(field.optional("enableCMT", cache_monitoring));
    KOS_TRY(field.optional("enableMBM", bandwidth_monitoring));
    out.enable_monitoring |= cache_monitoring || bandwidth_monitoring;
    if (out.class_id == "." || out.class_id == ".." ||
        (out.class_id != "/" && out.class_id.find('/') != std::string::npos)) {
        return field.error("closID", "is no name of a folder: \"" + out.class_id + "\"");
    }
    if (!out.memory_bandwidth_schema.empty() && !out.memory_bandwidth_schema.starts_with("MB:")) {
        return field.error("memBwSchema", "must begin with \"MB:\"");
    }
    const auto check_line = [&](std::string_view key, const std::string& line) -> Result<void> {
        if (line.find('\n') == std::string::npos) return {};
        return field.error(key, "must be a single line");
    };
    KOS_TRY(check_line("l3CacheSchema", out.l3_cache_schema));
    KOS_TRY(check_line("memBwSchema", out.memory_bandwidth_schema));
    for (const std::string& line : out.schemata) KOS_TRY(check_line("schemata", line));
    return {};
}

namespace {

struct TimeOffsets {
    LinuxConfig& config;
};
Result<void> decode(const Field& field, TimeOffsets& out) {
    KOS_TRY(field.optional("monotonic", out.config.monotonic));
    return field.optional("boottime", out.config.boottime);
}

struct Personality {
    std::uint32_t value = 0;
};
Result<void> decode(const Field& field, Personality& out) {
    std::vector<std::string> flags;
    KOS_TRY(field.required_name<std::uint32_t>("domain", personality_domains, out.value));
    KOS_TRY(field.optional("flags", flags));
    // The specification defines none, so there is none that could be honoured.
    if (!flags.empty()) return field.error("flags", "unknown flag \"" + flags.front() + "\"");
    return {};
}

struct NetDevice {
    std::string name;
};
Result<void> decode(const Field& field, NetDevice& out) { return field.optional("name", out.name); }

/// As the kernel takes them: at most 15 bytes, no '/', ':' or white space, neither "." nor "..".
bool is_device_name(std::string_view name) {
    return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
           name.find_first_of("/: \t\n\v\f\r") == std::string_view::npos;
}

/// A template ends in "%d", for a number of at most four digits here; '%' stands nowhere else.
bool is_device_name_or_template(std::string_view name) {
    const std::size_t at = name.find('%');
    if (at == std::string_view::npos) return is_device_name(name);
    return name.substr(at) == "%d" && name.size() + 2 < IFNAMSIZ &&
           (at == 0 || is_device_name(name.substr(0, at)));
}

Result<void> take_net_devices(const Field& field, std::map<std::string, std::string>& out) {
    std::map<std::string, NetDevice> devices;
    KOS_TRY(field.optional("netDevices", devices));
    for (auto& [name, device] : devices) {
        if (!is_device_name(name)) {
            return field.error("netDevices", "\"" + name + "\" cannot be a network device's name");
        }
        if (device.name.empty()) device.name = name;
        if (!is_device_name_or_template(device.name)) {
            return field.error("netDevices", "\"" + device.name +
                                                 "\" can be neither a network device's name nor "
                                                 "a template that ends in %d");
        }
        out[name] = device.name;
    }
    return {};
}

Result<void> check_namespaces(const Field& field, const LinuxConfig& config) {
    std::uint64_t seen = 0;
    for (const Namespace& entry : config.namespaces) {
        if ((seen & entry.flag) != 0) return field.error("namespaces", "a type is given twice");
        seen |= entry.flag;
    }
    if ((config.monotonic || config.boottime) && !config.makes(CLONE_NEWTIME)) {
        return field.error("timeOffsets", "there is no new time namespace");
    }
    const bool mapped = !config.uid_mappings.empty() || !config.gid_mappings.empty();
    if (mapped && !config.makes(CLONE_NEWUSER)) {
        // Engines repeat the mappings of a namespace that they made themselves.
        if (!config.has(CLONE_NEWUSER)) {
            return field.error("uidMappings", "there is no user namespace");
        }
    }
    if (config.makes(CLONE_NEWUSER) &&
        (config.uid_mappings.empty() || config.gid_mappings.empty())) {
        return field.error("uidMappings",
                           "is needed, as is gidMappings: there is a new user namespace");
    }
    return {};
}

}  // namespace

Result<void> decode(const Field& field, LinuxConfig& out) {
    TimeOffsets offsets{out};
    std::optional<Personality> personality;
    KOS_TRY(field.optional("namespaces", out.namespaces));
    KOS_TRY(field.optional("uidMappings", out.uid_mappings));
    KOS_TRY(field.optional("gidMappings", out.gid_mappings));
    KOS_TRY(field.optional("timeOffsets", offsets));
    KOS_TRY(field.optional("devices", out.devices));
    KOS_TRY(take_net_devices(field, out.net_devices));
    KOS_TRY(field.optional("cgroupsPath", out.cgroups_path));
    KOS_TRY(field.optional("resources", out.resources));
    if (const Json& value = field.value();
        !value.contains("rootfsPropagation") || value["rootfsPropagation"] != "") {
        KOS_TRY(field.optional_name<std::uint64_t>("rootfsPropagation", propagation_table,
                                                   out.rootfs_propagation));
    }
    KOS_TRY(field.optional("seccomp", out.seccomp));
    KOS_TRY(field.optional("sysctl", out.sysctl));
    KOS_TRY(field.optional("maskedPaths", out.masked_paths));
    KOS_TRY(field.optional("readonlyPaths", out.readonly_paths));
    KOS_TRY(field.optional("mountLabel", out.mount_label));
    KOS_TRY(field.optional("personality", personality));
    KOS_TRY(field.optional("intelRdt", out.intel_rdt));
    KOS_TRY(field.optional("memoryPolicy", out.memory_policy));
    if (personality) out.personality = personality->value;
    return check_namespaces(field, out);
}

}  // namespace kos::oci
