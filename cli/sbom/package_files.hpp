// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What tells of packages in the root filesystems of a packed system image: of all its files, those
// that packages.hpp reads.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "cli/squashfs/reader.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::sbom {

/// Of a native app's initrd. KOS-E-SYSTEM-IMAGE.
Outcome<oci::RootFs> package_files(Bytes initrd);
/// Of the root filesystem at \p root, "container/rootfs", of a guest's disk. KOS-E-SYSTEM-IMAGE.
Outcome<oci::RootFs> package_files(squashfs::Reader& disk, const std::string& root);

/// The modules that modules.dep names, in its order: "PATH: DEPENDENCY…".
[[nodiscard]] std::vector<std::string> listed_modules(std::string_view text);

}  // namespace kos::sbom
