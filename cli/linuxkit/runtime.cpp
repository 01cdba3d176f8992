// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/runtime.hpp"

#include "cli/compose/reader.hpp"
#include "cli/linuxkit/mounts.hpp"

#include <array>

namespace kos::linuxkit {

using compose::Value;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t most_ms = 3'600'000;

Outcome<Json> interfaces_in(const Settings& settings, const Value& list) {
    static constexpr std::array<std::string_view, 1> keys{"name"};
    static constexpr auto unsupported = std::to_array<compose::UnsupportedKey>({
        {"add", "the guest's kernel has no modules for interfaces of its own"},
        {"createInRoot", "the guest's kernel has no modules for interfaces of its own"},
        {"peer", "the guest's kernel has no modules for interfaces of its own"},
    });
    KOS_TRY(compose::expect_list(list, "interfaces"));
    Json devices = Json::object();
    for (const Value& item : list.items) {
        KOS_TRY(compose::check_keys(item, "an interface", keys, unsupported));
        const Value* name = item.find("name");
        if (name == nullptr) return compose::refuse_value(item, "an interface has a name");
        devices[KOS_TRY(compose::read_text(*name))] = Json::object();
    }
    const std::string net = KOS_TRY(settings.text("net"));
    if (!devices.empty() && (net.empty() || net == "host" || net == "root")) {
        return compose::refuse_value(
            list, "they are moved into a network namespace of the container's own: net: new");
    }
    return devices;
}

Outcome<Json> bindings_in(const Value& mapping) {
    static constexpr std::array<std::string_view, 7> keys{"cgroup", "ipc",  "mnt", "net",
                                                          "pid",    "user", "uts"};
    KOS_TRY(compose::check_keys(mapping, "bindNS", keys));
    Json bindings = Json::object();
    for (const auto& entry : mapping.entries) {
        bindings[entry.key] = KOS_TRY(compose::read_text(entry.value));
    }
    return bindings;
}

}  // namespace

Outcome<RuntimeParts> runtime_of(const Settings& settings) {
    static constexpr std::array<std::string_view, 5> keys{"cgroups", "mounts", "mkdir",
                                                          "interfaces", "bindNS"};
    static constexpr auto unsupported = std::to_array<compose::UnsupportedKey>({
        {"namespace", "containers are kosinit's own, not containerd's"},
    });
    RuntimeParts parts{.runtime = Json::object(), .interfaces = Json::object()};
    const Value* value = settings.find("runtime");
    if (value == nullptr || value->is_null()) return parts;
    KOS_TRY(compose::check_keys(*value, "runtime", keys, unsupported));
    for (const char* key : {"cgroups", "mkdir"}) {
        if (const Value* list = value->find(key)) {
            parts.runtime[key] = KOS_TRY(compose::read_texts(*list));
        }
    }
    if (const Value* list = value->find("mounts")) {
        KOS_TRY(compose::expect_list(*list, "mounts"));
        for (const Value& item : list->items) {
            parts.runtime["mounts"].push_back(KOS_TRY(mount_of(item)));
        }
    }
    if (const Value* bindings = value->find("bindNS")) {
        parts.runtime["bindNS"] = KOS_TRY(bindings_in(*bindings));
    }
    if (const Value* list = value->find("interfaces")) {
        parts.interfaces = KOS_TRY(interfaces_in(settings, *list));
    }
    return parts;
}

Outcome<Json> service_of(const Settings& settings) {
    static constexpr std::array<std::string_view, 6> keys{
        "after", "ready", "restart", "restart_delay_ms", "restart_limit", "stop_signal"};
    static constexpr std::array<std::string_view, 4> ready_keys{"command", "port", "interval_ms",
                                                                "timeout_ms"};
    const Value* value = settings.find("x-kos-service");
    if (value == nullptr) return Json::object();
    KOS_TRY(compose::check_keys(*value, "x-kos-service", keys));
    Json service{{"version", 1}};
    if (const Value* list = value->find("after"))
        service["after"] = KOS_TRY(compose::read_texts(*list));
    for (const char* key : {"restart", "stop_signal"}) {
        if (const Value* text = value->find(key)) service[key] = KOS_TRY(compose::read_text(*text));
    }
    for (const char* key : {"restart_delay_ms", "restart_limit"}) {
        if (const Value* number = value->find(key)) {
            service[key] = KOS_TRY(compose::read_number(*number, 0, most_ms));
        }
    }
    const Value* ready = value->find("ready");
    if (ready == nullptr) return service;
    KOS_TRY(compose::check_keys(*ready, "ready", ready_keys));
    if (const Value* command = ready->find("command")) {
        service["ready"]["command"] = KOS_TRY(compose::read_texts(*command));
    }
    if (const Value* port = ready->find("port")) {
        service["ready"]["port"] = KOS_TRY(compose::read_number(*port, 1, 65535));
    }
    if (service["ready"].size() != 1) {
        return compose::refuse_value(*ready, "it has either a command or a port");
    }
    for (const char* key : {"interval_ms", "timeout_ms"}) {
        if (const Value* number = ready->find(key)) {
            service["ready"][key] = KOS_TRY(compose::read_number(*number, 1, most_ms));
        }
    }
    return service;
}

}  // namespace kos::linuxkit
