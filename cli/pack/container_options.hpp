// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What may be asked of a microVM's container beside its process, with docker's meanings.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kos::pack {

struct ResourceLimit {
    std::string name;  ///< RLIMIT_NOFILE
    std::uint64_t soft = 0, hard = 0;
    /// In place of a number.
    static constexpr std::uint64_t none = ~std::uint64_t{0};
};

struct TmpfsMount {
    std::string path;  ///< absolute
    bool read_only = false;
    std::optional<std::uint64_t> size{};  ///< bytes; nothing: half of the guest's memory, or 1 MiB
    /// Those of the image's folder of that name where there are none; of one that is new 1777 and
    /// root. In a guest the kernel's, the same.
    std::optional<std::uint32_t> mode{}, user{}, group{};
};

/// A disk of the target's that the guest mounts for its container.
struct VolumeMount {
    std::string serial;  ///< of the disk
    std::string path;    ///< absolute
    bool read_only = false;
};

/// A character device of the guest's kernel.
struct ContainerDevice {
    std::string path;  ///< absolute
    std::uint32_t major = 0, minor = 0;
    std::uint32_t mode = 0666;
    std::string access = "rwm";
};

/// A command in the container; when it first exits with 0 the app counts as healthy.
struct HealthTest {
    std::vector<std::string> command;
    std::uint32_t interval = 0;  ///< milliseconds between attempts, and before the first
    std::uint32_t patience = 0;  ///< milliseconds for all of them
};

struct ContainerOptions {
    std::vector<std::string> added_capabilities{}, dropped_capabilities{};  ///< CAP_KILL, or ALL
    /// All capabilities and devices, no seccomp filter, nothing masked or read-only.
    bool privileged = false;
    bool init = false;  ///< process 1 forwards signals and reaps orphans
    std::vector<ResourceLimit> limits{};
    std::map<std::string, std::string> sysctls{};
    std::vector<TmpfsMount> tmpfs{};
    std::vector<VolumeMount> volumes{};
    std::vector<ContainerDevice> devices{};
    std::optional<HealthTest> health{};
};

/// Those that the container's process has, in the kernel's order where ALL was asked for.
[[nodiscard]] std::vector<std::string> capabilities_of(const ContainerOptions& options);

}  // namespace kos::pack
