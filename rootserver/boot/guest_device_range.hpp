// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where a machine has devices of one kind for guests.
#pragma once

#include "lib/base/address.hpp"

#include <optional>

namespace kos::rootserver {

struct GuestDeviceRange {
    PhysicalAddress registers;  ///< of the first device
    unsigned interrupt;         ///< of the first; each has its own
    /// Memory of the first, where they have some.
    std::optional<PhysicalAddress> windows{};
};

}  // namespace kos::rootserver
