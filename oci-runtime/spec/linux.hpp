// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `linux` of config.json (runtime-spec, config-linux.md).
#pragma once

#include "oci-runtime/spec/mounts.hpp"
#include "oci-runtime/spec/names.hpp"
#include "oci-runtime/spec/resources.hpp"
#include "oci-runtime/spec/seccomp.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kos::oci {

struct Namespace {
    std::uint64_t flag = 0;  ///< CLONE_NEW*
    std::string path;        ///< to join; a new one when empty
};

struct Device {
    std::string path;
    mode_t type = 0;  ///< S_IFCHR, S_IFBLK or S_IFIFO
    std::int64_t major = 0;
    std::int64_t minor = 0;
    std::optional<std::uint32_t> mode;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
};

struct TimeOffset {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;
};

struct MemoryPolicy {
    int mode = 0;
    unsigned flags = 0;
    std::string nodes;
};

struct IntelRdt {
    std::string class_id{};
    std::vector<std::string> schemata{};
    std::string l3_cache_schema{};
    std::string memory_bandwidth_schema{};
    bool enable_monitoring = false;
};

struct LinuxConfig {
    std::vector<Namespace> namespaces;
    std::vector<IdMapping> uid_mappings;
    std::vector<IdMapping> gid_mappings;
    std::optional<TimeOffset> monotonic;
    std::optional<TimeOffset> boottime;
    std::vector<Device> devices;
    std::map<std::string, std::string> net_devices;  ///< name in the host → in the container
    std::string cgroups_path;
    Resources resources;
    std::uint64_t rootfs_propagation = 0;  ///< MS_*, 0 when not given
    std::optional<Seccomp> seccomp;
    std::map<std::string, std::string> sysctl;
    std::vector<std::string> masked_paths;
    std::vector<std::string> readonly_paths;
    std::string mount_label;
    std::optional<std::uint32_t> personality;
    std::optional<IntelRdt> intel_rdt;
    std::optional<MemoryPolicy> memory_policy;

    /// The CLONE_NEW* flags of namespaces to be made.
    [[nodiscard]] std::uint64_t new_namespaces() const;
    [[nodiscard]] bool has(std::uint64_t flag) const;
    [[nodiscard]] bool makes(std::uint64_t flag) const { return (new_namespaces() & flag) != 0; }
};

/// In the order of `features`.
[[nodiscard]] std::span<const Name<std::uint64_t>> namespace_names();
[[nodiscard]] std::span<const Name<int>> memory_policy_modes();
[[nodiscard]] std::span<const Name<unsigned>> memory_policy_flags();

[[nodiscard]] Result<void> decode(const Field& field, LinuxConfig& out);

}  // namespace kos::oci
