// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Files that are put into the root filesystem as the layers made it.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "cli/pack/pack.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <vector>

namespace kos::pack {

/// Directories on the way are made; what is there is replaced. KOS-E-FILE where they cannot be.
Outcome<void> put(const ExtraFile& file, oci::RootFs& rootfs);

/// Lines of /etc/hosts: behind the image's own, or, on a network, behind \p of_networks in place of
/// them, as docker has it.
Outcome<void> add_hosts(const std::vector<ExtraHost>& hosts, const std::string& of_networks,
                        oci::RootFs& rootfs);

}  // namespace kos::pack
