// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The device by which a VMM has its guest run outside (lib/vm/external.hpp).
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// Maps it into the VMM, gives it the interrupt. Nothing where the machine has no such device.
Attempt<> give_guest_device(const Root& root, App& app);

}  // namespace kos::rootserver
