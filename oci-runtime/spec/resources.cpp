// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/resources.hpp"

#include "oci-runtime/spec/field.hpp"

namespace kos::oci {

Result<void> decode(const Field& field, DeviceRule& out) {
    std::string type = "a";
    KOS_TRY(field.required("allow", out.allow));
    KOS_TRY(field.optional("type", type));
    KOS_TRY(field.optional("major", out.major));
    KOS_TRY(field.optional("minor", out.minor));
    KOS_TRY(field.optional("access", out.access));
    if (type.empty()) type = "a";
    if (out.access.empty()) out.access = "rwm";
    if (type != "a" && type != "b" && type != "c") {
        return field.error("type", "must be a, b or c, is \"" + type + "\"");
    }
    if (out.access.find_first_not_of("rwm") != std::string::npos) {
        return field.error("access", "must be made of r, w and m, is \"" + out.access + "\"");
    }
    out.type = type.front();
    return {};
}

Result<void> decode(const Field& field, MemoryLimits& out) {
    KOS_TRY(field.optional("limit", out.limit));
    KOS_TRY(field.optional("reservation", out.reservation));
    KOS_TRY(field.optional("swap", out.swap));
    KOS_TRY(field.optional("kernel", out.kernel));
    KOS_TRY(field.optional("kernelTCP", out.kernel_tcp));
    KOS_TRY(field.optional("swappiness", out.swappiness));
    KOS_TRY(field.optional("useHierarchy", out.use_hierarchy));
    KOS_TRY(field.optional("disableOOMKiller", out.disable_oom_killer));
    KOS_TRY(field.optional("checkBeforeUpdate", out.check_before_update));
    if (out.swappiness && *out.swappiness > 100) return field.error("swappiness", "is above 100");
    return {};
}

Result<void> decode(const Field& field, CpuLimits& out) {
    KOS_TRY(field.optional("shares", out.shares));
    KOS_TRY(field.optional("quota", out.quota));
    KOS_TRY(field.optional("burst", out.burst));
    KOS_TRY(field.optional("period", out.period));
    KOS_TRY(field.optional("realtimeRuntime", out.realtime_runtime));
    KOS_TRY(field.optional("realtimePeriod", out.realtime_period));
    KOS_TRY(field.optional("idle", out.idle));
    KOS_TRY(field.optional("cpus", out.cpus));
    return field.optional("mems", out.mems);
}

Result<void> decode(const Field& field, BlockDevice& out) {
    KOS_TRY(field.required("major", out.major));
    KOS_TRY(field.required("minor", out.minor));
    KOS_TRY(field.optional("weight", out.weight));
    KOS_TRY(field.optional("leafWeight", out.leaf_weight));
    return field.optional("rate", out.rate);
}

Result<void> decode(const Field& field, BlockLimits& out) {
    KOS_TRY(field.optional("weight", out.weight));
    KOS_TRY(field.optional("leafWeight", out.leaf_weight));
    KOS_TRY(field.optional("weightDevice", out.weight_devices));
    KOS_TRY(field.optional("throttleReadBpsDevice", out.read_bps));
    KOS_TRY(field.optional("throttleWriteBpsDevice", out.write_bps));
    KOS_TRY(field.optional("throttleReadIOPSDevice", out.read_iops));
    return field.optional("throttleWriteIOPSDevice", out.write_iops);
}

Result<void> decode(const Field& field, HugepageLimit& out) {
    KOS_TRY(field.required("pageSize", out.page_size));
    KOS_TRY(field.required("limit", out.limit));
    // The size becomes part of a file name.
    if (!out.page_size.ends_with("B") ||
        out.page_size.find_first_not_of("0123456789KMGB") != std::string::npos) {
        return field.error("pageSize", "must be as in 2MB, is \"" + out.page_size + "\"");
    }
    return {};
}

Result<void> decode(const Field& field, InterfacePriority& out) {
    KOS_TRY(field.required("name", out.name));
    return field.required("priority", out.priority);
}

Result<void> decode(const Field& field, RdmaLimit& out) {
    KOS_TRY(field.optional("hcaHandles", out.handles));
    return field.optional("hcaObjects", out.objects);
}

namespace {

struct PidsLimit {
    std::optional<std::int64_t>& limit;
};
Result<void> decode(const Field& field, PidsLimit& out) {
    return field.optional("limit", out.limit);
}

struct NetworkLimits {
    Resources& resources;
};
Result<void> decode(const Field& field, NetworkLimits& out) {
    KOS_TRY(field.optional("classID", out.resources.network_class));
    return field.optional("priorities", out.resources.network_priorities);
}

/// Keys are file names of a cgroup.
Result<void> check_unified(const Field& field, const Resources& resources) {
    for (const auto& [key, value] : resources.unified) {
        if (key.find('/') != std::string::npos || key.starts_with('.') || key.empty()) {
            return field.error("unified", "\"" + key + "\" is no file of a cgroup");
        }
    }
    return {};
}

}  // namespace

Result<void> decode(const Field& field, Resources& out) {
    PidsLimit pids{out.pids_limit};
    NetworkLimits network{out};
    KOS_TRY(field.optional("devices", out.devices));
    KOS_TRY(field.optional("memory", out.memory));
    KOS_TRY(field.optional("cpu", out.cpu));
    KOS_TRY(field.optional("pids", pids));
    KOS_TRY(field.optional("blockIO", out.block_io));
    KOS_TRY(field.optional("hugepageLimits", out.hugepages));
    KOS_TRY(field.optional("network", network));
    KOS_TRY(field.optional("rdma", out.rdma));
    KOS_TRY(field.optional("unified", out.unified));
    return check_unified(field, out);
}

Result<Resources> parse_resources(std::string_view text) {
    const Json document = KOS_TRY(parse_json(text, "resources"));
    Resources resources;
    KOS_TRY(decode(Field{document}, resources));
    return resources;
}

}  // namespace kos::oci
