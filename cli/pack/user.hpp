// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Who a container runs as: USER of an image configuration, resolved with the image's own
// /etc/passwd and /etc/group. Left out: supplementary groups.
#pragma once

#include "cli/oci/rootfs.hpp"
#include "lib/base/error.hpp"

#include <cstdint>
#include <string>

namespace kos::pack {

struct User {
    std::uint32_t user = 0;
    std::uint32_t group = 0;
};

/// \p text is USER[:GROUP], each a name or a number; empty is root. A user without a group has the
/// one of /etc/passwd, or 0 where that does not list it.
Outcome<User> resolve_user(const oci::RootFs& rootfs, const std::string& text);

}  // namespace kos::pack
