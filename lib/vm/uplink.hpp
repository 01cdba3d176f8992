// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An interface that leads to the host's network, and not to other apps.
#pragma once

#include <string_view>

namespace kos::vm {

/// In the place of its network's name (manifest::Interface); no network of a project has such a
/// name.
inline constexpr std::string_view uplink_network = "@uplink";

/// Every guest's own behind it, and that of its way out, which answers for names as well.
inline constexpr std::string_view uplink_address = "10.88.0.2", uplink_gateway = "10.88.0.1";
inline constexpr unsigned uplink_prefix = 24;

}  // namespace kos::vm
