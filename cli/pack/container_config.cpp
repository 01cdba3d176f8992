// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/container_config.hpp"

#include "lib/message/sockets.hpp"
#include "lib/vm/uplink.hpp"
#include "oci-runtime/spec/capability_names.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace kos::pack {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

/// Where the container sees kosinit, which is an init by that name.
constexpr const char* init_program = "/sbin/kos-init";

/// docker's default capabilities.
constexpr std::array<std::string_view, 14> default_capabilities{
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
    "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
    "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_KILL",    "CAP_AUDIT_WRITE",
};

Json mount(const char* destination, const char* type, const char* source,
           std::initializer_list<const char*> options) {
    return {{"destination", destination}, {"type", type}, {"source", source}, {"options", options}};
}

std::string octal(std::uint32_t mode) {
    std::array<char, 12> text{};
    std::snprintf(text.data(), text.size(), "%o", mode);
    return text.data();
}

/// docker's options.
Json mount_of(const TmpfsMount& tmpfs) {
    Json made = mount(tmpfs.path.c_str(), "tmpfs", "tmpfs", {"noexec", "nosuid", "nodev"});
    made["options"].push_back("mode=" + octal(tmpfs.mode.value_or(01777)));
    if (tmpfs.user) made["options"].push_back("uid=" + std::to_string(*tmpfs.user));
    if (tmpfs.group) made["options"].push_back("gid=" + std::to_string(*tmpfs.group));
    if (tmpfs.size) made["options"].push_back("size=" + std::to_string(*tmpfs.size));
    if (tmpfs.read_only) made["options"].push_back("ro");
    return made;
}

/// docker's default mounts; then files that kosinit makes, for the guest's network.
Json mounts(const ContainerOptions& options, const AppNetworks& networks) {
    const char* const access = options.privileged ? "rw" : "ro";
    Json list{
        mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
        mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
        mount("/dev/pts", "devpts", "devpts",
              {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
        mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", access}),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", {access, "nosuid", "noexec", "nodev"}),
        mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
        mount("/dev/shm", "tmpfs", "shm",
              {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
    };
    for (const char* file : {"/etc/resolv.conf", "/etc/hosts", "/etc/hostname"}) {
        list.push_back(mount(file, "bind", file, {"bind", "rprivate"}));
    }
    for (const std::string& socket : networks.sockets) {
        const std::string name = socket + ".sock";
        list.push_back(mount(("/var/run/" + name).c_str(), "bind", ("/run/kos/" + name).c_str(),
                             {"bind", "rprivate"}));
    }
    if (options.init) {
        list.push_back(mount(init_program, "bind", "/bin/kosinit", {"bind", "rprivate", "ro"}));
    }
    for (const VolumeMount& volume : options.volumes) {
        const std::string from = "/run/volumes/" + volume.serial;
        list.push_back(mount(volume.path.c_str(), "bind", from.c_str(),
                             {"bind", "rprivate", volume.read_only ? "ro" : "rw"}));
    }
    for (const TmpfsMount& tmpfs : options.tmpfs) list.push_back(mount_of(tmpfs));
    return list;
}

Json device(const char* type, std::optional<int> major, std::optional<int> minor,
            const char* access) {
    Json rule{{"allow", true}, {"type", type}};
    if (major) rule["major"] = *major;
    if (minor) rule["minor"] = *minor;
    rule["access"] = access;
    return rule;
}

/// docker's default device rules: nodes may be made of any device, few may be used.
Json device_rules(const ContainerOptions& options) {
    if (options.privileged) return Json::array({{{"allow", true}, {"access", "rwm"}}});
    Json rules{
        {{"allow", false}, {"access", "rwm"}},
        device("c", {}, {}, "m"),
        device("b", {}, {}, "m"),
        device("c", 1, 3, "rwm"),     // null
        device("c", 1, 5, "rwm"),     // zero
        device("c", 1, 7, "rwm"),     // full
        device("c", 1, 8, "rwm"),     // random
        device("c", 1, 9, "rwm"),     // urandom
        device("c", 5, 0, "rwm"),     // tty
        device("c", 5, 2, "rwm"),     // ptmx
        device("c", 136, {}, "rwm"),  // pts
    };
    for (const ContainerDevice& each : options.devices) {
        rules.push_back(device("c", static_cast<int>(each.major), static_cast<int>(each.minor),
                               each.access.c_str()));
    }
    return rules;
}

/// What is hidden from containers, and what they may only read.
void close_paths(Json& part) {
    part["maskedPaths"] = {"/proc/asound",
                           "/proc/acpi",
                           "/proc/kcore",
                           "/proc/keys",
                           "/proc/latency_stats",
                           "/proc/timer_list",
                           "/proc/timer_stats",
                           "/proc/sched_debug",
                           "/proc/scsi",
                           "/sys/firmware",
                           "/sys/devices/virtual/powercap"};
    part["readonlyPaths"] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                             "/proc/sysrq-trigger"};
}

Json linux_part(const ContainerOptions& options, const std::optional<Json>& seccomp) {
    Json part;
    part["resources"] = {{"devices", device_rules(options)}};
    // The network namespace is the guest's own: a microVM has one container.
    part["namespaces"] = {
        {{"type", "pid"}},   {{"type", "ipc"}},    {{"type", "uts"}},
        {{"type", "mount"}}, {{"type", "cgroup"}},
    };
    const bool is_of_network =
        std::any_of(options.sysctls.begin(), options.sysctls.end(),
                    [](const auto& each) { return is_network_sysctl(each.first); });
    if (is_of_network) {
        // A runtime sets them for a namespace that config.json names; the guest's own is one.
        part["namespaces"].push_back({{"type", "network"}, {"path", "/proc/1/ns/net"}});
    }
    if (!options.sysctls.empty()) part["sysctl"] = options.sysctls;
    for (const ContainerDevice& each : options.devices) {
        part["devices"].push_back({{"path", each.path},
                                   {"type", "c"},
                                   {"major", each.major},
                                   {"minor", each.minor},
                                   {"fileMode", each.mode}});
    }
    if (!options.privileged) close_paths(part);
    if (seccomp) part["seccomp"] = *seccomp;
    return part;
}

bool lists(const Json& rule, const char* condition, const char* key, std::string_view value) {
    const auto conditions = rule.find(condition);
    if (conditions == rule.end() || !conditions->is_object()) return false;
    const auto list = conditions->find(key);
    return list != conditions->end() && list->is_array() &&
           std::find(list->begin(), list->end(), value) != list->end();
}

bool has(const Json& rule, const char* condition, const char* key) {
    const auto conditions = rule.find(condition);
    return conditions != rule.end() && conditions->is_object() && conditions->contains(key);
}

/// Whether a capability of the list is granted.
bool has_granted(const Json& rule, const char* condition, const Names& capabilities) {
    return std::any_of(capabilities.begin(), capabilities.end(), [&](const auto& capability) {
        return lists(rule, condition, "caps", capability);
    });
}

/// The conditions of a rule. Kernels are newer than any that a rule asks for (minKernel).
bool applies(const Json& rule, const Names& capabilities) {
    if (has(rule, "includes", "arches") && !lists(rule, "includes", "arches", "arm64"))
        return false;
    if (lists(rule, "excludes", "arches", "arm64")) return false;
    if (has(rule, "includes", "caps") && !has_granted(rule, "includes", capabilities)) return false;
    return !has_granted(rule, "excludes", capabilities);
}

Json rule_of(const Json& rule) {
    Json made{{"names", rule.at("names")}, {"action", rule.at("action")}};
    if (rule.contains("errnoRet")) made["errnoRet"] = rule.at("errnoRet");
    if (const auto args = rule.find("args");
        args != rule.end() && args->is_array() && !args->empty()) {
        made["args"] = *args;
    }
    return made;
}

}  // namespace

std::vector<std::string> capabilities_of(const ContainerOptions& options) {
    const Names& added = options.added_capabilities;
    const Names& dropped = options.dropped_capabilities;
    const auto names = [](const Names& list, std::string_view name) {
        return std::find(list.begin(), list.end(), name) != list.end();
    };
    const bool has_all = options.privileged || names(added, "ALL");
    Names granted;
    if (has_all) {
        granted.assign(oci::capability_names.begin(), oci::capability_names.end());
        if (options.privileged) return granted;
    } else if (!names(dropped, "ALL")) {
        granted.assign(default_capabilities.begin(), default_capabilities.end());
    }
    std::erase_if(granted, [&](const std::string& name) { return names(dropped, name); });
    if (has_all) return granted;
    for (const std::string& name : added) {
        if (!names(granted, name)) granted.push_back(name);
    }
    return granted;
}

bool is_network_sysctl(std::string_view key) {
    return key.starts_with("net.") || key.starts_with("net/");
}

Outcome<Json> seccomp_of(std::string_view profile, const std::string& where,
                         const std::vector<std::string>& capabilities) {
    const Json parsed = Json::parse(profile, nullptr, false);
    if (parsed.is_discarded() || !parsed.is_object() || !parsed.contains("defaultAction") ||
        !parsed.contains("syscalls") || !parsed.at("syscalls").is_array()) {
        return fail(ErrorCode::File, where, "it is no seccomp profile");
    }
    Json seccomp{{"defaultAction", parsed.at("defaultAction")}};
    if (parsed.contains("defaultErrnoRet"))
        seccomp["defaultErrnoRet"] = parsed.at("defaultErrnoRet");
    seccomp["architectures"] = {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
    seccomp["syscalls"] = Json::array();
    for (const Json& rule : parsed.at("syscalls")) {
        if (!rule.is_object() || !rule.contains("names") || !rule.contains("action")) {
            return fail(ErrorCode::File, where, "a rule has no names or no action");
        }
        if (applies(rule, capabilities)) seccomp["syscalls"].push_back(rule_of(rule));
    }
    return seccomp;
}

Json container_config(const Process& process, const std::string& host_name,
                      const std::optional<Json>& seccomp, const ContainerOptions& options,
                      const AppNetworks& networks) {
    const Names capabilities = capabilities_of(options);
    Names arguments = process.arguments;
    if (options.init) arguments.insert(arguments.begin(), init_program);
    Json config;
    config["ociVersion"] = "1.0.2";
    config["process"] = {
        {"terminal", false},
        {"user", {{"uid", process.user.user}, {"gid", process.user.group}}},
        {"args", arguments},
        {"env", process.environment},
        {"cwd", process.working_directory},
        {"capabilities",
         {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
        {"noNewPrivileges", false},
    };
    for (const ResourceLimit& limit : options.limits) {
        config["process"]["rlimits"].push_back(
            {{"type", limit.name}, {"soft", limit.soft}, {"hard", limit.hard}});
    }
    config["root"] = {{"path", "rootfs"}, {"readonly", process.read_only_root}};
    config["hostname"] = host_name;
    config["mounts"] = mounts(options, networks);
    config["linux"] = linux_part(options, seccomp);
    return config;
}

static std::string mac_text(const std::array<std::uint8_t, 6>& mac) {
    std::string text;
    for (const std::uint8_t byte : mac) {
        constexpr std::string_view digits = "0123456789abcdef";
        if (!text.empty()) text += ':';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

static std::string address_of(const InterfacePlan& interface) {
    if (interface.ipv4 == 0) {
        return std::string{vm::uplink_address} + '/' + std::to_string(vm::uplink_prefix);
    }
    return ipv4_text(interface.ipv4) + '/' + std::to_string(InterfacePlan::prefix);
}

Json guest_config(const std::string& host_name, const std::string& stop_signal,
                  const std::vector<ExtraHost>& hosts, const ContainerOptions& options,
                  const AppNetworks& networks) {
    Json config{{"version", 1}, {"hostname", host_name}};
    for (const InterfacePlan& interface : networks.interfaces) {
        config["interfaces"].push_back(
            {{"name", "eth" + std::to_string(&interface - networks.interfaces.data())},
             {"mac", mac_text(interface.mac)},
             {"address", address_of(interface)}});
        if (interface.ipv4 != 0) continue;
        config["interfaces"].back()["gateway"] = vm::uplink_gateway;
        config["dns"] = {{"servers", {vm::uplink_gateway}}};
    }
    for (const auto* list : {&networks.known, &hosts}) {
        for (const ExtraHost& host : *list) {
            config["hosts"].push_back({{"address", host.address}, {"names", {host.name}}});
        }
    }
    if (!networks.own.empty()) {
        Json& services = config["services"];
        for (const std::uint32_t address : networks.own) {
            services["own"].push_back(ipv4_text(address));
        }
        for (const ExtraHost& one : networks.services) {
            services["names"].push_back({{"name", one.name}, {"address", one.address}});
        }
        for (const std::uint32_t address : networks.unnamed) {
            services["unnamed"].push_back(ipv4_text(address));
        }
        services["port"] = message::vsock_port(0);
    }
    std::set<std::string> serials;
    for (const VolumeMount& volume : options.volumes) serials.insert(volume.serial);
    if (!serials.empty()) config["volumes"] = serials;
    for (std::uint32_t i = 0; i < networks.sockets.size(); ++i) {
        config["messages"].push_back(
            {{"socket", networks.sockets[i]}, {"port", message::vsock_port(i)}});
    }
    if (!stop_signal.empty()) config["stop_signal"] = stop_signal;
    return config;
}

Json service_config(const HealthTest& health) {
    return {{"version", 1},
            {"ready",
             {{"command", health.command},
              {"interval_ms", health.interval},
              {"timeout_ms", health.patience}}}};
}

}  // namespace kos::pack
