// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Places in a native app's root filesystem for file systems in memory (tmpfs), which libos makes
// (lib/native/memory_files.hpp).
#pragma once

#include "cli/oci/rootfs.hpp"
#include "cli/pack/pack.hpp"
#include "lib/base/error.hpp"

#include <cstdint>

namespace kos::pack {

/// Empties and marks the directories that \p options name, which are made where they are missing.
/// How many pages of heap they take. KOS-E-UNSUPPORTED where the app's own files would be hidden:
/// its program, its working directory, configs and secrets; or where there are too many, or more
/// memory than libos can have for them.
Outcome<std::uint64_t> place_memory_files(const PackOptions& options, const Process& process,
                                          oci::RootFs& rootfs);

}  // namespace kos::pack
