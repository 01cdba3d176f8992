// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/service.hpp"

#include "cli/compose/reader.hpp"
#include "cli/compose/service_parts.hpp"
#include "cli/compose/tmpfs.hpp"

#include <algorithm>
#include <array>

namespace kos::compose {

namespace {

using Names = std::vector<std::string_view>;

/// What the specification has beside; the reason follows "KEY: ".
constexpr auto unsupported_keys = std::to_array<UnsupportedKey>({
    {"annotations", "use labels"},
    {"attach", "kos up follows every service"},
    {"blkio_config", "there is no block device to share"},
    {"build", "build the image first, with buildah or docker, and name it with image"},
    {"cgroup", "a microVM's container has its own; a native app none"},
    {"cgroup_parent", "a microVM's container has its own; a native app none"},
    {"cpu_count", "use cpus"},
    {"cpu_percent", "use cpus"},
    {"cpu_period", "use cpus"},
    {"cpu_quota", "use cpus"},
    {"cpu_rt_period", "use x-kos-priority and cpus"},
    {"cpu_rt_runtime", "use x-kos-priority and cpus"},
    {"cpu_shares", "use x-kos-priority and cpus"},
    {"cpuset", "kos places services itself"},
    {"credential_spec", "it is for Windows"},
    {"develop", "build the image first and restart the service"},
    {"device_cgroup_rules", "name each device with devices"},
    {"dns", "services are found by their names"},
    {"dns_opt", "services are found by their names"},
    {"dns_search", "services are found by their names"},
    {"domainname", "use hostname"},
    {"external_links", "put both on one network"},
    {"gpus", "there are none"},
    {"group_add", "set the groups in the image"},
    {"ipc", "nothing is shared between services"},
    {"isolation", "it is for Windows"},
    {"label_file", "use labels"},
    {"links", "put both on one network, with aliases"},
    {"mac_address", "it comes from the project's name"},
    {"mem_reservation", "all memory is reserved: use mem_limit"},
    {"mem_swappiness", "nothing is swapped"},
    {"memswap_limit", "nothing is swapped"},
    {"models", "there are none"},
    {"network_mode", "use networks"},
    {"oom_kill_disable", "memory belongs to its service: nothing else is killed for it"},
    {"oom_score_adj", "memory belongs to its service: nothing else is killed for it"},
    {"pid", "nothing is shared between services"},
    {"pids_limit", "use ulimits: nproc"},
    {"post_start", "use a service of its own with depends_on"},
    {"pre_stop", "handle the stop signal in the container"},
    {"provider", "there are none"},
    {"pull_policy", "import the image first (kos import)"},
    {"runtime", "the guest's runtime is kos's own"},
    {"scale", "write a service for each"},
    {"security_opt", "the profile comes from the image"},
    {"shm_size", "use tmpfs: /dev/shm:size=…"},
    {"stdin_open", "use kos run for a service that reads from a terminal"},
    {"storage_opt", "use volumes and tmpfs"},
    {"tty", "use kos run for a service that needs a terminal"},
    {"use_api_socket", "there is none"},
    {"userns_mode", "a microVM's kernel is its container's own"},
    {"uts", "nothing is shared between services"},
    {"volumes_from", "name the volumes"},
});

constexpr auto unsupported_deploy_keys = std::to_array<UnsupportedKey>({
    {"endpoint_mode", "there is one host only"},
    {"labels", "use the service's labels"},
    {"mode", "there is one host only"},
    {"placement", "there is one host only"},
    {"replicas", "write a service for each"},
    {"rollback_config", "a new system image boots beside the old one"},
    {"update_config", "a new system image boots beside the old one"},
});

using Read = Outcome<void> (*)(const Value& value, Service& service);
struct Field {
    std::string_view key;
    Read read;
};

/// A key that is read by \p read into \p member.
template <auto member, auto read>
constexpr Read into = [](const Value& value, Service& service) -> Outcome<void> {
    service.*member = KOS_TRY(read(value));
    return {};
};

Outcome<void> read_environment(const Value& value, Service& service) {
    KOS_TRY(expect_mapping(value, "environment"));
    for (const Value::Entry& entry : value.entries) {
        if (entry.key.empty()) {
            return fail(ErrorCode::ComposeValue, to_string(entry.position),
                        "a variable has a name");
        }
        auto& variable = service.environment[entry.key];
        if (!entry.value.is_null()) variable = KOS_TRY(read_text(entry.value));
    }
    return {};
}

Outcome<void> read_tmpfs_list(const Value& value, Service& service) {
    KOS_TRY(expect_list(value, "tmpfs"));
    for (const Value& item : value.items) {
        service.volumes.push_back(KOS_TRY(read_tmpfs(item)));
    }
    return {};
}

Outcome<void> read_volumes(const Value& value, Service& service) {
    for (Mount& mount : KOS_TRY(read_mounts(value))) service.volumes.push_back(std::move(mount));
    return {};
}

Outcome<void> read_deploy(const Value& value, Service& service) {
    KOS_TRY(
        check_keys(value, "deploy", Names{"restart_policy", "resources"}, unsupported_deploy_keys));
    if (const Value* policy = value.find("restart_policy")) {
        service.restart = KOS_TRY(read_restart_policy(*policy));
    }
    const Value* resources = value.find("resources");
    if (resources == nullptr) return {};
    static constexpr std::array<UnsupportedKey, 1> unsupported{{
        {"reservations", "all memory is reserved: use limits"},
    }};
    KOS_TRY(check_keys(*resources, "resources", Names{"limits"}, unsupported));
    const Value* limits = resources->find("limits");
    if (limits == nullptr) return {};
    KOS_TRY(check_keys(*limits, "limits", Names{"cpus", "memory"}));
    if (const Value* cpus = limits->find("cpus")) service.cpus = KOS_TRY(read_fraction(*cpus));
    if (const Value* memory = limits->find("memory")) {
        service.mem_limit = KOS_TRY(read_bytes(*memory));
    }
    return {};
}

Outcome<void> read_platform(const Value& value, Service&) {
    if (value.is_scalar() && (value.text == "linux/arm64" || value.text == "linux/arm64/v8")) {
        return {};
    }
    return refuse_value(value, "kos runs linux/arm64");
}

Outcome<Kind> read_kind(const Value& value) {
    if (value.is_scalar() && value.text == "native") return Kind::Native;
    if (value.is_scalar() && value.text == "microvm") return Kind::MicroVm;
    return refuse_value(value, "it should be native or microvm");
}

Outcome<unsigned> read_priority(const Value& value) {
    return static_cast<unsigned>(KOS_TRY(read_number(value, 0, 255)));
}

Outcome<std::vector<FileReference>> read_secrets(const Value& value) {
    return read_file_references(value, "/run/secrets");
}
Outcome<std::vector<FileReference>> read_configs(const Value& value) {
    return read_file_references(value, "");
}

constexpr auto fields = std::to_array<Field>({
    {"cap_add", into<&Service::cap_add, read_texts>},
    {"cap_drop", into<&Service::cap_drop, read_texts>},
    {"command", into<&Service::command, read_command>},
    {"configs", into<&Service::configs, read_configs>},
    {"container_name", into<&Service::container_name, read_text>},
    {"cpus", into<&Service::cpus, read_fraction>},
    {"depends_on", into<&Service::depends_on, read_dependencies>},
    {"deploy", read_deploy},
    {"devices", into<&Service::devices, read_devices>},
    {"entrypoint", into<&Service::entrypoint, read_command>},
    {"env_file", [](const Value&, Service&) -> Outcome<void> { return {}; }},  // the project's
    {"environment", read_environment},
    {"expose", into<&Service::expose, read_texts>},
    {"extra_hosts", into<&Service::extra_hosts, read_text_map>},
    {"healthcheck", into<&Service::healthcheck, read_healthcheck>},
    {"hostname", into<&Service::hostname, read_text>},
    {"image", into<&Service::image, read_text>},
    {"init", into<&Service::init, read_bool>},
    {"labels", into<&Service::labels, read_text_map>},
    {"logging", into<&Service::logging, read_logging>},
    {"mem_limit", into<&Service::mem_limit, read_bytes>},
    {"networks", into<&Service::networks, read_memberships>},
    {"platform", read_platform},
    {"ports", into<&Service::ports, read_ports>},
    {"privileged", into<&Service::privileged, read_bool>},
    {"profiles", into<&Service::profiles, read_texts>},
    {"read_only", into<&Service::read_only, read_bool>},
    {"restart", into<&Service::restart, read_restart>},
    {"secrets", into<&Service::secrets, read_secrets>},
    {"stop_grace_period", into<&Service::stop_grace_period, read_duration>},
    {"stop_signal", into<&Service::stop_signal, read_text>},
    {"sysctls", into<&Service::sysctls, read_text_map>},
    {"ulimits", into<&Service::ulimits, read_ulimits>},
    {"user", into<&Service::user, read_text>},
    {"volumes", read_volumes},
    {"tmpfs", read_tmpfs_list},
    {"working_dir", into<&Service::working_dir, read_text>},
    {"x-kos-kind", into<&Service::kind, read_kind>},
    {"x-kos-priority", into<&Service::priority, read_priority>},
});

Names supported_keys() {
    Names names;
    for (const Field& field : fields) names.push_back(field.key);
    return names;
}

}  // namespace

Outcome<Service> read_service(const Value::Entry& entry) {
    static const Names supported = supported_keys();
    KOS_TRY(check_keys(entry.value, "a service", supported, unsupported_keys));
    Service service{.name = entry.key, .position = entry.position};
    for (const Field& field : fields) {
        const Value* value = entry.value.find(field.key);
        // As with a file's `command:` that stands alone: what the image says.
        if (value == nullptr || value->is_null()) continue;
        KOS_TRY(field.read(*value, service));
        service.keys.emplace(field.key, value->position);
    }
    if (service.image.empty()) {
        return fail(ErrorCode::ComposeValue, to_string(entry.position),
                    "the service " + entry.key + " names no image");
    }
    if (entry.value.find("restart") != nullptr && entry.value.find("deploy") != nullptr &&
        entry.value.find("deploy")->find("restart_policy") != nullptr) {
        return fail(ErrorCode::ComposeValue, to_string(entry.value.find("restart")->position),
                    "restart and deploy.restart_policy say the same: keep one");
    }
    return service;
}

}  // namespace kos::compose
