// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What tells of packages in the root filesystems of a packed system image: of all its files, those
// that packages.hpp reads.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "cli/squashfs/reader.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kos::sbom {

/// Of a native app's initrd. KOS-E-SYSTEM-IMAGE.
Outcome<oci::RootFs> package_files(Bytes initrd);
/// Of the root filesystem at \p root, "container/rootfs", of a guest's disk. KOS-E-SYSTEM-IMAGE.
Outcome<oci::RootFs> package_files(squashfs::Reader& disk, const std::string& root);

/// Debian's kernel has some 4,000, of which guests get a few.
inline constexpr std::size_t most_modules = 16'384;

struct ListedModule {
    std::string release;  ///< of the kernel
    std::string path;     ///< below lib/modules/RELEASE/
};
/// The modules that each modules.dep of a guest's disk names, in its order: "PATH: DEPENDENCY…".
/// KOS-E-SYSTEM-IMAGE where they are more than most_modules.
Outcome<std::vector<ListedModule>> listed_modules(squashfs::Reader& disk);

}  // namespace kos::sbom
