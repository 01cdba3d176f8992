// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The volumes of a microVM's guest: the machine's disks, which its VMM drives.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// Maps the disks' registers into the VMM, gives it their interrupts. Nothing where the guest has
/// no volumes, or runs outside.
Attempt<> give_volumes(const Root& root, App& app);

/// Before the memory of a VMM is anybody else's; it stays nobody's where this fails.
Attempt<> stop_volumes(const Root& root, const App& app);

/// The physical address of what the VMM shares with its volumes; 0 where there are none.
Attempt<std::uint64_t> volume_memory_of(const Root& root, const App& app);

/// Where the VMM finds the registers of a volume.
[[nodiscard]] VirtualAddress volume_registers_of(const manifest::Disk& volume);

}  // namespace kos::rootserver
