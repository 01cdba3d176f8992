// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the process has besides credentials: limits, scheduling, memory policy, execution domain.
#pragma once

#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/linux.hpp"
#include "oci-runtime/spec/process.hpp"

#include <optional>

namespace kos::oci {

[[nodiscard]] Result<void> apply_rlimits(const std::vector<Rlimit>& limits);
[[nodiscard]] Result<void> apply_scheduler(const std::optional<Scheduler>& scheduler);
[[nodiscard]] Result<void> apply_io_priority(const std::optional<IoPriority>& priority);
[[nodiscard]] Result<void> apply_memory_policy(const std::optional<MemoryPolicy>& policy);
[[nodiscard]] Result<void> apply_personality(const std::optional<std::uint32_t>& personality);

/// `list` as in "0-3,7"; empty: unchanged.
[[nodiscard]] Result<void> apply_cpu_affinity(const std::string& list, std::string_view where);

}  // namespace kos::oci
