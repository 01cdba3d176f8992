// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The container's root filesystem, from the mount namespace just made to the root changed.
//
//     propagation of /  ─►  root bound on itself  ─►  mounts  ─►  devices, links, console
//       ─►  (createRuntime, createContainer hooks)  ─►  masks, read-only  ─►  pivot
#pragma once

#include "oci-runtime/rootfs/mounter.hpp"
#include "oci-runtime/rootfs/root_directory.hpp"
#include "oci-runtime/spec/config.hpp"

namespace kos::oci {

/// Makes this mount namespace's own (a new one's alone) and the root filesystem at `path` a mount
/// in it.
[[nodiscard]] Result<RootDirectory> enter_root_mount(const Config& config, const std::string& path);

/// Mounts, devices, links, the working directory.
[[nodiscard]] Result<void> fill_root(const RootDirectory& root, const Config& config,
                                     const PreparedMounts& prepared);

/// Masks, then read-only paths, then the root itself.
[[nodiscard]] Result<void> seal_root(const RootDirectory& root, const Config& config);

/// Makes `root` the root directory and lets go of the old one. Works in an initramfs as well, whose
/// root cannot be pivoted: there its mount is moved over the old root (as with `no_pivot`). Without
/// a mount namespace it is a chroot(2), and as weak as that is.
[[nodiscard]] Result<void> change_root(const RootDirectory& root, const Config& config,
                                       bool no_pivot);

}  // namespace kos::oci
