// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests of systems of apps: apps that can tell which of them runs.
#pragma once

#include "lib/native/process_info.hpp"
#include "rootserver/testing/test_system.hpp"

#include <limits>
#include <string>
#include <vector>

namespace kos::rootserver::testing {

inline constexpr std::uint64_t millisecond = 62'500;  ///< of the test's clock
inline constexpr std::uint64_t for_ever = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint32_t failed = 1 << 8;  ///< a wait status

/// Which app runs: its host name is its number.
inline unsigned running_number() {
    const auto* info = reinterpret_cast<const native::ProcessInfo*>(
        sel4::vspace_pointer(native::process_info_address.value()));
    return static_cast<unsigned>(
        std::stoul(reinterpret_cast<const char*>(info) + info->host_name.offset));
}

/// Named app0, app1, …
inline std::vector<TestApp> numbered(std::vector<TestApp> apps) {
    for (std::size_t i = 0; i < apps.size(); ++i) {
        apps[i].name = "app" + std::to_string(i);
        apps[i].host = std::to_string(i);
    }
    return apps;
}

}  // namespace kos::rootserver::testing
