// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Network devices of the host that a container is given (runtime-spec 1.3, config-linux.md
// "Network Devices").
#pragma once

#include "oci-runtime/spec/linux.hpp"

#include <sys/types.h>

namespace kos::oci {

/// Moves the devices of `netDevices` from the caller's network namespace into that of the process
/// \p pid, by their new names, with their permanent addresses of global scope, and sets them up.
/// Every device and name is looked at before the first is moved. A name that ends in "%d" becomes
/// the first that is free.
[[nodiscard]] Result<void> move_net_devices(const LinuxConfig& config, pid_t pid);

}  // namespace kos::oci
