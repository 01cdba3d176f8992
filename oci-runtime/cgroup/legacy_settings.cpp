// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// cgroup v1 (kernel documentation, admin-guide/cgroup-v1).
#include "oci-runtime/cgroup/setting_list.hpp"
#include "oci-runtime/cgroup/settings.hpp"

namespace kos::oci {

namespace {

void add_memory(SettingList& list, const MemoryLimits& memory) {
    // A limit of both cannot be below that of memory alone, whichever is written first: the raised
    // one of an update goes first (see Cgroup::apply).
    list.number("memory", "memory.limit_in_bytes", memory.limit, "/memory/limit");
    list.number("memory", "memory.memsw.limit_in_bytes", memory.swap, "/memory/swap");
    list.number("memory", "memory.soft_limit_in_bytes", memory.reservation, "/memory/reservation");
    list.number("memory", "memory.kmem.limit_in_bytes", memory.kernel, "/memory/kernel");
    list.number("memory", "memory.kmem.tcp.limit_in_bytes", memory.kernel_tcp, "/memory/kernelTCP");
    list.number("memory", "memory.swappiness", memory.swappiness, "/memory/swappiness");
    // Since Linux 5.11 it takes nothing but "1".
    if (memory.use_hierarchy) {
        list.add("memory", "memory.use_hierarchy", *memory.use_hierarchy ? "1" : "0",
                 "/memory/useHierarchy");
    }
    if (memory.disable_oom_killer.value_or(false)) {
        list.add("memory", "memory.oom_control", "1", "/memory/disableOOMKiller");
    }
}

void add_cpu(SettingList& list, const CpuLimits& cpu) {
    list.number("cpu", "cpu.shares", cpu.shares, "/cpu/shares");
    list.number("cpu", "cpu.cfs_period_us", cpu.period, "/cpu/period");
    list.number("cpu", "cpu.cfs_quota_us", cpu.quota, "/cpu/quota");
    list.number("cpu", "cpu.cfs_burst_us", cpu.burst, "/cpu/burst");
    list.number("cpu", "cpu.rt_period_us", cpu.realtime_period, "/cpu/realtimePeriod");
    list.number("cpu", "cpu.rt_runtime_us", cpu.realtime_runtime, "/cpu/realtimeRuntime");
    list.number("cpu", "cpu.idle", cpu.idle, "/cpu/idle");
    if (!cpu.cpus.empty()) list.add("cpuset", "cpuset.cpus", cpu.cpus, "/cpu/cpus");
    if (!cpu.mems.empty()) list.add("cpuset", "cpuset.mems", cpu.mems, "/cpu/mems");
}

void add_throttle(SettingList& list, const std::vector<BlockDevice>& devices, const char* file,
                  const char* field) {
    for (std::size_t i = 0; i < devices.size(); ++i) {
        list.add("blkio", file, device_name(devices[i]) + " " + std::to_string(devices[i].rate),
                 field + ("/" + std::to_string(i)));
    }
}

void add_block_io(SettingList& list, const BlockLimits& block) {
    list.number("blkio", "blkio.weight", block.weight, "/blockIO/weight");
    list.number("blkio", "blkio.leaf_weight", block.leaf_weight, "/blockIO/leafWeight");
    for (const BlockDevice& device : block.weight_devices) {
        const std::string name = device_name(device) + " ";
        if (device.weight) {
            list.add("blkio", "blkio.weight_device", name + std::to_string(*device.weight),
                     "/blockIO/weightDevice");
        }
        if (device.leaf_weight) {
            list.add("blkio", "blkio.leaf_weight_device",
                     name + std::to_string(*device.leaf_weight), "/blockIO/weightDevice");
        }
    }
    add_throttle(list, block.read_bps, "blkio.throttle.read_bps_device",
                 "/blockIO/throttleReadBpsDevice");
    add_throttle(list, block.write_bps, "blkio.throttle.write_bps_device",
                 "/blockIO/throttleWriteBpsDevice");
    add_throttle(list, block.read_iops, "blkio.throttle.read_iops_device",
                 "/blockIO/throttleReadIOPSDevice");
    add_throttle(list, block.write_iops, "blkio.throttle.write_iops_device",
                 "/blockIO/throttleWriteIOPSDevice");
}

void add_others(SettingList& list, const Resources& resources) {
    if (resources.pids_limit) {
        const std::int64_t limit = *resources.pids_limit;
        list.add("pids", "pids.max", limit <= 0 ? "max" : std::to_string(limit), "/pids/limit");
    }
    for (std::size_t i = 0; i < resources.hugepages.size(); ++i) {
        const HugepageLimit& page = resources.hugepages[i];
        list.add("hugetlb", "hugetlb." + page.page_size + ".limit_in_bytes",
                 std::to_string(page.limit), "/hugepageLimits/" + std::to_string(i));
    }
    list.number("net_cls", "net_cls.classid", resources.network_class, "/network/classID");
    for (const InterfacePriority& each : resources.network_priorities) {
        list.add("net_prio", "net_prio.ifpriomap", each.name + " " + std::to_string(each.priority),
                 "/network/priorities");
    }
    for (const auto& [name, limit] : resources.rdma) {
        std::string value = name;
        if (limit.handles) value += " hca_handle=" + std::to_string(*limit.handles);
        if (limit.objects) value += " hca_object=" + std::to_string(*limit.objects);
        list.add("rdma", "rdma.max", value, "/rdma/" + name);
    }
}

}  // namespace

Result<std::vector<CgroupSetting>> legacy_settings(const Resources& resources) {
    if (!resources.unified.empty()) {
        return fail("/linux/resources/unified", "this system has cgroup v1");
    }
    SettingList list;
    add_memory(list, resources.memory);
    add_cpu(list, resources.cpu);
    add_block_io(list, resources.block_io);
    add_others(list, resources);
    return list.take();
}

}  // namespace kos::oci
