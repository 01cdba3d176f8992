// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/container.hpp"

#include "cli/compose/reader.hpp"
#include "cli/linuxkit/json.hpp"
#include "cli/linuxkit/mounts.hpp"
#include "cli/linuxkit/process.hpp"
#include "cli/linuxkit/runtime.hpp"
#include "cli/pack/container_config.hpp"
#include "oci-runtime/rootfs/private_proc.hpp"
#include "oci-runtime/spec/config.hpp"

#include <algorithm>
#include <array>

namespace kos::linuxkit {

using compose::Value;
using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

namespace {

struct NamespaceKey {
    const char* key;
    const char* type;  ///< in config.json
    const char* file;  ///< of /proc/1/ns
};
constexpr auto namespace_keys = std::to_array<NamespaceKey>({
    {"net", "network", "net"},
    {"ipc", "ipc", "ipc"},
    {"uts", "uts", "uts"},
    {"pid", "pid", "pid"},
});

/// Whether a sysctl is of the namespace (namespaces(7)).
bool is_of(std::string_view sysctl, std::string_view type) {
    if (type == "network") return pack::is_network_sysctl(sysctl);
    if (type == "uts") return sysctl == "kernel.domainname" || sysctl == "kernel.hostname";
    return type == "ipc" && (sysctl.starts_with("fs.mqueue.") || sysctl.starts_with("kernel.msg") ||
                             sysctl.starts_with("kernel.shm") || sysctl == "kernel.sem");
}

/// New ones are for pid alone where the file says nothing, as with LinuxKit.
Outcome<Json> namespaces_of(const Settings& settings,
                            const std::map<std::string, std::string>& sysctls) {
    Json list = Json::array();
    for (const NamespaceKey& each : namespace_keys) {
        std::string wanted = KOS_TRY(settings.text(each.key));
        const std::string_view type = each.type;
        if (wanted.empty() && type == "pid") wanted = "new";
        if (wanted.empty() && type == "uts" && settings.find("hostname") != nullptr) wanted = "new";
        const bool is_guests = wanted.empty() || wanted == "host" || wanted == "root";
        if (is_guests) {
            // A runtime sets them for a namespace that config.json names; the guest's own is one.
            const bool has_sysctl =
                std::any_of(sysctls.begin(), sysctls.end(),
                            [&](const auto& sysctl) { return is_of(sysctl.first, type); });
            if (!has_sysctl) continue;
            wanted = std::string{"/proc/1/ns/"} + each.file;
        }
        Json made{{"type", each.type}};
        if (wanted.starts_with('/')) {
            made["path"] = wanted;
        } else if (wanted != "new" && !(wanted == "none" && type == "network")) {
            return settings.refuse(each.key,
                                   wanted + ": it should be new, host or the path of a namespace");
        }
        list.push_back(std::move(made));
    }
    list.push_back({{"type", "mount"}});
    return list;
}

struct DeviceParts {
    Json nodes = Json::array();
    Json rules = Json::array();
};

Outcome<DeviceParts> devices_of(const Settings& settings) {
    static constexpr std::array<std::string_view, 5> keys{"path", "type", "major", "minor", "mode"};
    constexpr std::uint64_t most = 0xfffff;
    DeviceParts parts;
    const Value* list = settings.find("devices");
    if (list == nullptr || list->is_null()) return parts;
    KOS_TRY(compose::expect_list(*list, "devices"));
    for (const Value& item : list->items) {
        KOS_TRY(compose::check_keys(item, "a device", keys));
        const Value* path = item.find("path");
        const Value* type = item.find("type");
        if (path == nullptr || type == nullptr) {
            return compose::refuse_value(item, "a device has a path and a type");
        }
        if (type->text != "c" && type->text != "b") {
            return compose::refuse_value(*type, "it should be c or b");
        }
        Json rule{{"allow", true}, {"type", type->text}, {"access", "rwm"}};
        if (path->text != "all") {
            Json node{{"path", path->text}, {"type", type->text}};
            for (const char* key : {"major", "minor"}) {
                const Value* number = item.find(key);
                node[key] = number == nullptr ? 0 : KOS_TRY(compose::read_number(*number, 0, most));
                rule[key] = node[key];
            }
            const Value* mode = item.find("mode");
            if (mode == nullptr) return compose::refuse_value(item, "the device's mode is missing");
            node["fileMode"] = KOS_TRY(compose::read_mode(*mode));
            parts.nodes.push_back(std::move(node));
        }
        parts.rules.push_back(std::move(rule));
    }
    return parts;
}

Outcome<std::map<std::string, std::string>> text_map(const Settings& settings,
                                                     std::string_view key) {
    const Value* value = settings.find(key);
    if (value == nullptr || value->is_null()) return std::map<std::string, std::string>{};
    return compose::read_text_map(*value);
}

Outcome<Json> linux_of(const Settings& settings, const Json& interfaces) {
    const auto sysctls = KOS_TRY(text_map(settings, "sysctl"));
    Json part;
    part["namespaces"] = KOS_TRY(namespaces_of(settings, sysctls));
    Json resources = Json::object();
    if (const Value* value = settings.find("resources"); value != nullptr && !value->is_null()) {
        resources = KOS_TRY(json_of(*value));
        if (!resources.is_object()) return settings.refuse("resources", "it should be a mapping");
        const auto rules = resources.find("devices");
        if (rules != resources.end() && !rules->is_null() && !rules->is_array()) {
            return settings.refuse("resources", "its devices should be a list");
        }
    }
    DeviceParts devices = KOS_TRY(devices_of(settings));
    for (Json& rule : devices.rules) resources["devices"].push_back(std::move(rule));
    part["resources"] = std::move(resources);
    if (!devices.nodes.empty()) part["devices"] = std::move(devices.nodes);
    if (!sysctls.empty()) part["sysctl"] = sysctls;
    for (const char* key : {"maskedPaths", "readonlyPaths"}) {
        if (settings.find(key) != nullptr) part[key] = KOS_TRY(settings.texts(key));
    }
    for (const char* key : {"rootfsPropagation", "cgroupsPath"}) {
        if (const std::string text = KOS_TRY(settings.text(key)); !text.empty()) part[key] = text;
    }
    if (!interfaces.empty()) part["netDevices"] = interfaces;
    return part;
}

/// What the guest would say of it, said before it boots.
Outcome<void> check_config(const Settings& settings, const std::string& text) {
    const auto refused = [&](const oci::Failure& failure) {
        return fail(ErrorCode::ComposeValue, to_string(settings.item().position),
                    "config.json: " + failure.text());
    };
    const auto parsed = oci::parse_config(text);
    if (!parsed) return refused(parsed.error());
    const auto sysctls = oci::check_sysctls(parsed->linux_config);
    if (!sysctls) return refused(sysctls.error());
    return {};
}

}  // namespace

Outcome<ContainerFiles> make_container(const Settings& settings, const oci::Image& image,
                                       const std::string& name, bool is_service) {
    const bool is_readonly = KOS_TRY(settings.flag("readonly"));
    const RuntimeParts runtime = KOS_TRY(runtime_of(settings));
    Json config;
    config["ociVersion"] = "1.0.2";
    config["process"] = KOS_TRY(process_of(settings, image));
    config["root"] = {{"path", "rootfs"}, {"readonly", is_readonly}};
    if (const std::string host = KOS_TRY(settings.text("hostname")); !host.empty()) {
        config["hostname"] = host;
    }
    config["mounts"] = KOS_TRY(mounts_of(settings, is_readonly));
    if (const auto annotations = KOS_TRY(text_map(settings, "annotations")); !annotations.empty()) {
        config["annotations"] = annotations;
    }
    config["linux"] = KOS_TRY(linux_of(settings, runtime.interfaces));

    ContainerFiles files;
    files.config = text_of(config);
    KOS_TRY(check_config(settings, files.config));
    if (!runtime.runtime.empty()) files.runtime = text_of(runtime.runtime);
    const Json service = KOS_TRY(service_of(settings));
    if (!service.empty() && !is_service) {
        return settings.refuse("x-kos-service", name + " is no service");
    }
    if (!service.empty()) files.service = text_of(service);
    return files;
}

}  // namespace kos::linuxkit
