// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/runtime_config.hpp"

#include "kosinit/setup/json.hpp"
#include "oci-runtime/spec/mount_options.hpp"

namespace kos::init {

using oci::Field;

namespace {

constexpr auto namespace_names =
    std::to_array<const char*>({"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"});

struct Interface {
    std::string name;
};

}  // namespace

// Found by Field through argument-dependent lookup.
static oci::Result<void> decode(const Field& field, RuntimeMount& out) {
    std::vector<std::string> options;
    KOS_TRY(only_keys(field, {"type", "source", "destination", "options"}));
    KOS_TRY(field.required("destination", out.destination));
    KOS_TRY(field.optional("type", out.type));
    KOS_TRY(field.optional("source", out.source));
    KOS_TRY(field.optional("options", options));
    for (const std::string& word : options) oci::apply_mount_option(word, out.options);
    if (out.type.empty() && !out.options.bind) return field.error("has no \"type\"");
    return {};
}

namespace {

oci::Result<void> decode(const Field& field, Interface& out) {
    // LinuxKit writes members that say nothing.
    std::string kind, peer;
    bool in_root = false;
    KOS_TRY(only_keys(field, {"name", "add", "peer", "createInRoot"}));
    KOS_TRY(field.required("name", out.name));
    KOS_TRY(field.optional("add", kind));
    KOS_TRY(field.optional("peer", peer));
    KOS_TRY(field.optional("createInRoot", in_root));
    if (!kind.empty() || !peer.empty() || in_root) {
        return field.error("kosinit makes no interfaces: it moves those that are there");
    }
    return {};
}

oci::Result<RuntimeConfig> decode_runtime(const Field& field) {
    RuntimeConfig out;
    KOS_TRY(only_keys(field, {"cgroups", "mounts", "mkdir", "interfaces", "bindNS", "namespace"}));
    KOS_TRY(field.optional("cgroups", out.cgroups));
    KOS_TRY(field.optional("mounts", out.mounts));
    KOS_TRY(field.optional("mkdir", out.mkdir));
    std::vector<Interface> interfaces;
    KOS_TRY(field.optional("interfaces", interfaces));
    for (Interface& each : interfaces) out.interfaces.push_back(std::move(each.name));
    std::string containerd;
    KOS_TRY(field.optional("namespace", containerd));
    if (!containerd.empty()) return field.error("\"namespace\" is containerd's");
    if (!KOS_TRY(field.has("bindNS"))) return out;
    const Field bindings{field.value()["bindNS"], field, "bindNS"};
    KOS_TRY(only_keys(bindings, {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"}));
    for (const char* name : namespace_names) {
        std::string path;
        KOS_TRY(bindings.optional(name, path));
        if (path.empty()) continue;
        if (!path.starts_with('/')) return bindings.error(name, "must be an absolute path");
        out.bindings.emplace_back(name, path);
    }
    return out;
}

}  // namespace

Outcome<RuntimeConfig> parse_runtime_config(std::string_view text, std::string_view name) {
    const auto json = oci::parse_json(text, name);
    if (!json) return fail(ErrorCode::GuestConfig, "", json.error().text());
    auto config = decode_runtime(Field{*json});
    if (!config) return config_error(name, config.error());
    return std::move(config).value();
}

}  // namespace kos::init
