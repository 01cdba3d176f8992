// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where a machine has the devices that run guests outside.
#pragma once

#include "lib/base/address.hpp"

namespace kos::rootserver {

struct GuestDeviceRange {
    PhysicalAddress registers;  ///< a page for each app
    unsigned interrupt;         ///< the first app's
};

}  // namespace kos::rootserver
