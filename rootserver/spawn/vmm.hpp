// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A microVM's VMM: what it is told, its CSpace, its thread, and the threads of its guest.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>

namespace kos::rootserver {

/// Writes the VMM's page of information (lib/vm/info.hpp), which must not be mapped yet.
Attempt<> fill_vm_info(const Root& root, const App& app, std::uint32_t start_number);

/// Fills the VMM's CSpace (lib/vm/layout.hpp) and configures its thread and its guest's. The
/// guest's have an empty CSpace, and wait for the VMM to start them.
Attempt<> make_vmm_threads(const Root& root, App& app);

}  // namespace kos::rootserver
