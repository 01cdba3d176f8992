// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The VMM's loop.
#pragma once

#include "lib/vm/info.hpp"

#include <cstdint>

namespace kos::vmm {

/// The counter that the root server's timers go by.
using Counter = std::uint64_t (*)();

/// Runs the guest that \p info describes until it ends; ends the VMM with its container's status.
[[noreturn]] void run_on_kernel(const vm::VmInfo& info, Counter counter);

}  // namespace kos::vmm
