// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `mounts` of config.json: each is made detached, given its attributes, and attached to a
// descriptor of its destination (sequence in lib/linux/mount.hpp).
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/rootfs/root_directory.hpp"
#include "oci-runtime/spec/config.hpp"

#include <map>

namespace kos::oci {

/// Detached mounts that only the host's side can make (mapped ones, sources that the container's
/// user cannot reach), by index in `mounts`.
using PreparedMounts = std::map<std::size_t, sys::UniqueFd>;

/// The host's side: before the container's namespaces exist. Where the container has a user
/// namespace of its own, `all_binds` opens every bind source here.
[[nodiscard]] Result<PreparedMounts> prepare_mounts(const Config& config, bool all_binds);

/// The container's side.
[[nodiscard]] Result<void> make_mounts(const RootDirectory& root, const Config& config,
                                       const PreparedMounts& prepared);

}  // namespace kos::oci
