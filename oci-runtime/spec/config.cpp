// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/config.hpp"

#include "oci-runtime/spec/field.hpp"

#include <sched.h>

namespace kos::oci {

Result<void> decode(const Field& field, Root& out) {
    KOS_TRY(field.required("path", out.path));
    KOS_TRY(field.optional("readonly", out.readonly));
    if (out.path.empty()) return field.error("path", "must not be empty");
    return {};
}

namespace {

/// Any 1.x: later minor versions only add fields.
Result<void> check_version(const Field& field, const std::string& version) {
    if (version.starts_with("1.")) return {};
    return field.error("ociVersion", "must be 1.x, is \"" + version + "\"");
}

Result<void> check_names(const Field& field, const Config& config) {
    if (config.linux_config.has(CLONE_NEWUTS)) return {};
    if (!config.hostname.empty()) return field.error("hostname", "there is no uts namespace");
    if (!config.domainname.empty()) return field.error("domainname", "there is no uts namespace");
    return {};
}

/// Without one the mounts are made where everybody sees them; what would change mounts that are
/// not the container's is refused.
Result<void> check_mount_namespace(const Field& field, const Config& config) {
    if (config.linux_config.has(CLONE_NEWNS) || config.linux_config.rootfs_propagation == 0) {
        return {};
    }
    return fail(field.pointer() + "/linux/rootfsPropagation", "there is no mount namespace");
}

}  // namespace

Result<void> decode(const Field& field, Config& out) {
    KOS_TRY(field.required("ociVersion", out.version));
    KOS_TRY(check_version(field, out.version));
    KOS_TRY(field.required("root", out.root));
    KOS_TRY(field.optional("process", out.process));
    KOS_TRY(field.optional("hostname", out.hostname));
    KOS_TRY(field.optional("domainname", out.domainname));
    KOS_TRY(field.optional("mounts", out.mounts));
    KOS_TRY(field.optional("hooks", out.hooks));
    KOS_TRY(field.optional("annotations", out.annotations));
    KOS_TRY(field.optional("linux", out.linux_config));
    KOS_TRY(check_mount_namespace(field, out));
    return check_names(field, out);
}

Result<Config> parse_config(std::string_view text) {
    const Json document = KOS_TRY(parse_json(text, "config.json"));
    Config config;
    auto decoded = decode(Field{document}, config);
    if (!decoded) return fail("config.json: " + decoded.error().where, decoded.error().what);
    return config;
}

}  // namespace kos::oci
