// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `linux.resources` of config.json (runtime-spec, config-linux.md "Control groups"), which is also
// the document that `update --resources` reads.
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kos::oci {

class Field;

/// A rule of the device controller; -1 is any number.
struct DeviceRule {
    bool allow = false;
    char type = 'a';  ///< a, b or c
    std::int64_t major = -1;
    std::int64_t minor = -1;
    std::string access = "rwm";
};

struct MemoryLimits {
    std::optional<std::int64_t> limit;  ///< bytes; -1: none
    std::optional<std::int64_t> reservation;
    std::optional<std::int64_t> swap;  ///< memory and swap together
    std::optional<std::int64_t> kernel;
    std::optional<std::int64_t> kernel_tcp;
    std::optional<std::uint64_t> swappiness;
    std::optional<bool> use_hierarchy;
    std::optional<bool> disable_oom_killer;
    std::optional<bool> check_before_update;
};

struct CpuLimits {
    std::optional<std::uint64_t> shares;
    std::optional<std::int64_t> quota;
    std::optional<std::uint64_t> burst;
    std::optional<std::uint64_t> period;
    std::optional<std::int64_t> realtime_runtime;
    std::optional<std::uint64_t> realtime_period;
    std::optional<std::int64_t> idle;
    std::string cpus;
    std::string mems;
};

struct BlockDevice {
    std::int64_t major = 0;
    std::int64_t minor = 0;
    std::optional<std::uint16_t> weight;
    std::optional<std::uint16_t> leaf_weight;
    std::uint64_t rate = 0;
};

struct BlockLimits {
    std::optional<std::uint16_t> weight;
    std::optional<std::uint16_t> leaf_weight;
    std::vector<BlockDevice> weight_devices;
    std::vector<BlockDevice> read_bps;
    std::vector<BlockDevice> write_bps;
    std::vector<BlockDevice> read_iops;
    std::vector<BlockDevice> write_iops;
};

struct HugepageLimit {
    std::string page_size;
    std::uint64_t limit = 0;
};

struct InterfacePriority {
    std::string name;
    std::uint32_t priority = 0;
};

struct RdmaLimit {
    std::optional<std::uint32_t> handles;
    std::optional<std::uint32_t> objects;
};

struct Resources {
    std::vector<DeviceRule> devices;
    MemoryLimits memory;
    CpuLimits cpu;
    std::optional<std::int64_t> pids_limit;
    BlockLimits block_io;
    std::vector<HugepageLimit> hugepages;
    std::optional<std::uint32_t> network_class;
    std::vector<InterfacePriority> network_priorities;
    std::map<std::string, RdmaLimit> rdma;
    std::map<std::string, std::string> unified;  ///< files of cgroup v2, written as they are
};

[[nodiscard]] Result<void> decode(const Field& field, Resources& out);

/// The document of `update --resources`.
[[nodiscard]] Result<Resources> parse_resources(std::string_view text);

}  // namespace kos::oci
