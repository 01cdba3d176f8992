// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Capability sets of the calling thread (capabilities(7)), by system call: libcap would add more
// code than it saves.
#pragma once

#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/process.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kos::oci {

/// The sets that can be had: what neither this kernel knows nor this process holds is taken out,
/// and named in `warnings`, as the specification asks.
struct GrantableCapabilities {
    Capabilities sets;
    std::vector<std::string> warnings;
};
[[nodiscard]] Result<GrantableCapabilities> grantable(const Capabilities& wanted);

/// Drops what is not in `sets.bounding` from the bounding set; before the user changes.
[[nodiscard]] Result<void> limit_bounding_set(const Capabilities& sets);

/// Sets effective, permitted and inheritable, then ambient; after the user has changed with
/// PR_SET_KEEPCAPS.
[[nodiscard]] Result<void> apply_capabilities(const Capabilities& sets);

/// Whether the calling thread may use a capability now.
[[nodiscard]] bool holds_capability(unsigned number);

}  // namespace kos::oci
