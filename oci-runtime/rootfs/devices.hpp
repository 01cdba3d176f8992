// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a container finds in /dev: the devices that the specification supplies (config-linux.md
// "Default Devices"), those of `linux.devices`, and the usual links.
#pragma once

#include "oci-runtime/rootfs/root_directory.hpp"
#include "oci-runtime/spec/config.hpp"

namespace kos::oci {

/// Whether the container's /dev is the runtime's to fill: not where it is a bind mount.
[[nodiscard]] bool fills_dev(const Config& config);

/// Nodes, or in a user namespace, where the kernel makes none, binds of the host's.
[[nodiscard]] Result<void> make_devices(const RootDirectory& root, const LinuxConfig& config);

[[nodiscard]] Result<void> make_dev_links(const RootDirectory& root);

}  // namespace kos::oci
