// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// cgroup v2 (kernel documentation, admin-guide/cgroup-v2). Values of the specification are those of
// v1; the conversions are the ones that runc, crun and systemd agree on.
#include "oci-runtime/cgroup/setting_list.hpp"
#include "oci-runtime/cgroup/settings.hpp"

#include <algorithm>

namespace kos::oci {

namespace {

std::string limit_text(std::int64_t bytes) { return bytes < 0 ? "max" : std::to_string(bytes); }

/// 2 … 262144 to 1 … 10000.
std::uint64_t weight_of_shares(std::uint64_t shares) {
    const std::uint64_t clamped = std::clamp<std::uint64_t>(shares, 2, 262'144);
    return 1 + (clamped - 2) * 9999 / 262'142;
}

/// 10 … 1000 to 1 … 10000.
std::uint64_t weight_of_block_weight(std::uint64_t weight) {
    return 1 + (std::max<std::uint64_t>(weight, 10) - 10) * 9999 / 990;
}

Result<void> add_memory(SettingList& list, const MemoryLimits& memory) {
    if (memory.kernel) return fail("/linux/resources/memory/kernel", "cgroup v2 has no such limit");
    if (memory.kernel_tcp) {
        return fail("/linux/resources/memory/kernelTCP", "cgroup v2 has no such limit");
    }
    if (memory.disable_oom_killer.value_or(false)) {
        return fail("/linux/resources/memory/disableOOMKiller", "cgroup v2 cannot do this");
    }
    if (memory.swappiness) {
        return fail("/linux/resources/memory/swappiness", "cgroup v2 has no such setting");
    }
    if (!memory.use_hierarchy.value_or(true)) {
        return fail("/linux/resources/memory/useHierarchy", "cgroup v2 always does");
    }
    if (memory.swap) {
        const std::int64_t both = *memory.swap;
        if (both >= 0 && !memory.limit) {
            return fail("/linux/resources/memory/swap", "needs memory/limit as well");
        }
        if (both >= 0 && memory.limit.value_or(0) > both) {
            return fail("/linux/resources/memory/swap", "is below memory/limit");
        }
        const std::int64_t swap_only =
            both < 0 ? -1 : both - std::max<std::int64_t>(*memory.limit, 0);
        list.add_optional("memory", "memory.swap.max", limit_text(swap_only), "/memory/swap");
    }
    if (memory.limit) list.add("memory", "memory.max", limit_text(*memory.limit), "/memory/limit");
    if (memory.reservation) {
        list.add("memory", "memory.low", limit_text(*memory.reservation), "/memory/reservation");
    }
    return {};
}

Result<void> add_cpu(SettingList& list, const CpuLimits& cpu) {
    if (cpu.realtime_runtime.value_or(0) != 0 || cpu.realtime_period.value_or(0) != 0) {
        return fail("/linux/resources/cpu/realtimeRuntime", "cgroup v2 has no such limit");
    }
    // cpu.idle before cpu.weight: an idle group takes no weight.
    list.number("cpu", "cpu.idle", cpu.idle, "/cpu/idle");
    if (cpu.shares.value_or(0) != 0) {
        list.add("cpu", "cpu.weight", std::to_string(weight_of_shares(*cpu.shares)), "/cpu/shares");
    }
    if (cpu.quota || cpu.period) {
        const std::int64_t quota = cpu.quota.value_or(-1);
        std::string value = quota <= 0 ? "max" : std::to_string(quota);
        if (cpu.period.value_or(0) != 0) value += " " + std::to_string(*cpu.period);
        list.add("cpu", "cpu.max", value, "/cpu/quota");
    }
    list.number("cpu", "cpu.max.burst", cpu.burst, "/cpu/burst");
    if (!cpu.cpus.empty()) list.add("cpuset", "cpuset.cpus", cpu.cpus, "/cpu/cpus");
    if (!cpu.mems.empty()) list.add("cpuset", "cpuset.mems", cpu.mems, "/cpu/mems");
    return {};
}

void add_throttle(SettingList& list, const std::vector<BlockDevice>& devices, const char* key,
                  const char* field) {
    for (const BlockDevice& device : devices) {
        const std::string rate = device.rate == 0 ? "max" : std::to_string(device.rate);
        list.add("io", "io.max", device_name(device) + " " + key + "=" + rate, field);
    }
}

Result<void> add_block_io(SettingList& list, const BlockLimits& block) {
    if (block.leaf_weight) {
        return fail("/linux/resources/blockIO/leafWeight", "cgroup v2 has no such weight");
    }
    if (block.weight.value_or(0) != 0) {
        // The file of the BFQ scheduler where there is one takes the value as it is.
        list.add_optional("io", "io.bfq.weight", std::to_string(*block.weight), "/blockIO/weight");
        list.add_optional("io", "io.weight",
                          "default " + std::to_string(weight_of_block_weight(*block.weight)),
                          "/blockIO/weight");
    }
    for (const BlockDevice& device : block.weight_devices) {
        if (!device.weight) continue;
        list.add("io", "io.bfq.weight", device_name(device) + " " + std::to_string(*device.weight),
                 "/blockIO/weightDevice");
    }
    add_throttle(list, block.read_bps, "rbps", "/blockIO/throttleReadBpsDevice");
    add_throttle(list, block.write_bps, "wbps", "/blockIO/throttleWriteBpsDevice");
    add_throttle(list, block.read_iops, "riops", "/blockIO/throttleReadIOPSDevice");
    add_throttle(list, block.write_iops, "wiops", "/blockIO/throttleWriteIOPSDevice");
    return {};
}

Result<void> add_others(SettingList& list, const Resources& resources) {
    if (resources.network_class.value_or(0) != 0 || !resources.network_priorities.empty()) {
        return fail("/linux/resources/network", "cgroup v2 has no network controllers");
    }
    if (resources.pids_limit) {
        const std::int64_t limit = *resources.pids_limit;
        list.add("pids", "pids.max", limit <= 0 ? "max" : std::to_string(limit), "/pids/limit");
    }
    for (const HugepageLimit& page : resources.hugepages) {
        const std::string value = std::to_string(page.limit);
        list.add("hugetlb", "hugetlb." + page.page_size + ".max", value, "/hugepageLimits");
        list.add_optional("hugetlb", "hugetlb." + page.page_size + ".rsvd.max", value,
                          "/hugepageLimits");
    }
    for (const auto& [name, limit] : resources.rdma) {
        std::string value = name;
        if (limit.handles) value += " hca_handle=" + std::to_string(*limit.handles);
        if (limit.objects) value += " hca_object=" + std::to_string(*limit.objects);
        list.add("rdma", "rdma.max", value, "/rdma");
    }
    for (const auto& [file, value] : resources.unified) {
        const std::string controller = file.substr(0, file.find('.'));
        list.add(controller == "cgroup" ? "" : controller.c_str(), file, value, "/unified/" + file);
    }
    return {};
}

}  // namespace

Result<std::vector<CgroupSetting>> unified_settings(const Resources& resources) {
    SettingList list;
    KOS_TRY(add_memory(list, resources.memory));
    KOS_TRY(add_cpu(list, resources.cpu));
    KOS_TRY(add_block_io(list, resources.block_io));
    KOS_TRY(add_others(list, resources));
    return list.take();
}

}  // namespace kos::oci
