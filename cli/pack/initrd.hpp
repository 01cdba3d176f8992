// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A root filesystem as a cpio archive, the initrd of a native app. The same tree gives the same
// bytes: names are in order and carry the layers' times.
// Left out: extended attributes, which the format has no place for.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "lib/base/error.hpp"

#include <cstddef>
#include <vector>

namespace kos::pack {

/// KOS-E-LAYER where a file or a name is none that cpio can hold.
Outcome<std::vector<std::byte>> make_initrd(const oci::RootFs& rootfs);

}  // namespace kos::pack
