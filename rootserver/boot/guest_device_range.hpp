// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where a machine has devices of one kind for guests.
#pragma once

#include "lib/base/address.hpp"

namespace kos::rootserver {

struct GuestDeviceRange {
    PhysicalAddress registers;  ///< of the first device
    unsigned interrupt;         ///< of the first; each has its own
};

}  // namespace kos::rootserver
