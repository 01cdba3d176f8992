// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `linux.cgroupsPath` where systemd makes the group, as runc and crun read it: "SLICE:PREFIX:NAME".
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <string>

namespace kos::oci {

struct SystemdUnit {
    std::string name;   ///< libpod-web.scope
    std::string slice;  ///< machine.slice
};

/// Empty: "kos-oci-ID.scope" in system.slice, or in user.slice of the caller's own systemd.
[[nodiscard]] Result<SystemdUnit> parse_unit(const std::string& path, const std::string& id,
                                             bool own_manager);

}  // namespace kos::oci
