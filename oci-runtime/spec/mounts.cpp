// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/mounts.hpp"

#include "oci-runtime/spec/field.hpp"
#include "oci-runtime/spec/mount_options.hpp"

namespace kos::oci {

Result<void> decode(const Field& field, IdMapping& out) {
    KOS_TRY(field.required("containerID", out.container_id));
    KOS_TRY(field.required("hostID", out.host_id));
    KOS_TRY(field.required("size", out.size));
    if (out.size == 0) return field.error("size", "must not be 0");
    if (out.container_id > UINT32_MAX - out.size || out.host_id > UINT32_MAX - out.size) {
        return field.error("size", "the range wraps");
    }
    return {};
}

Result<void> decode(const Field& field, Mount& out) {
    KOS_TRY(field.required("destination", out.destination));
    KOS_TRY(field.optional("type", out.type));
    KOS_TRY(field.optional("source", out.source));
    KOS_TRY(field.optional("options", out.options));
    KOS_TRY(field.optional("uidMappings", out.uid_mappings));
    KOS_TRY(field.optional("gidMappings", out.gid_mappings));
    if (out.destination.empty()) return field.error("destination", "must not be empty");
    for (const std::string& word : out.options) apply_mount_option(word, out.parsed);
    if (out.type == "bind") out.parsed.bind = true;
    if (out.type.empty() && !out.parsed.bind && !out.parsed.remount)
        return field.error("has no \"type\"");
    if (out.parsed.bind && out.source.empty()) return field.error("has no \"source\"");
    if (out.uid_mappings.empty() != out.gid_mappings.empty()) {
        return field.error("uidMappings", "must be given together with gidMappings");
    }
    if (!out.uid_mappings.empty() && !out.parsed.bind) {
        return field.error("uidMappings", "only bind mounts can be mapped");
    }
    return {};
}

}  // namespace kos::oci
