// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The Debian packages of a root filesystem: /var/lib/dpkg/status, and the files of status.d that
// images without dpkg have in its place. Other package managers are left out.
#pragma once

#include "cli/oci/rootfs.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::sbom {

struct Package {
    std::string name, version, architecture;
    std::string source{};  ///< empty: of the same name
    friend auto operator<=>(const Package&, const Package&) = default;
};

/// Those that are installed, in order and once each.
[[nodiscard]] std::vector<Package> packages_of(const oci::RootFs& root);

/// ID and VERSION_ID of /etc/os-release; "debian" where it names none.
struct Distribution {
    std::string id = "debian", version{};
};
[[nodiscard]] Distribution distribution_of(const oci::RootFs& root);

}  // namespace kos::sbom
