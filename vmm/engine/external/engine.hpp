// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Runs the guest outside: asks the machine's device for it, carries its control stream.
#pragma once

#include "lib/vm/info.hpp"
#include "vmm/manager/manager.hpp"

namespace kos::external {

/// Ends the VMM with the container's status when the guest has ended.
[[noreturn]] void run(const vmm::Manager& manager, const vm::VmInfo& info);

}  // namespace kos::external
