// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `linux.maskedPaths` and `linux.readonlyPaths`.
#pragma once

#include "oci-runtime/rootfs/root_directory.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <string>
#include <vector>

namespace kos::oci {

/// Files get the host's /dev/null over them, directories an empty read-only tmpfs (one for all).
/// What does not exist is skipped.
[[nodiscard]] Result<void> mask_paths(const RootDirectory& root,
                                      const std::vector<std::string>& paths);

[[nodiscard]] Result<void> make_paths_readonly(const RootDirectory& root,
                                               const std::vector<std::string>& paths);

}  // namespace kos::oci
