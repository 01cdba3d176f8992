// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The guest's life, from the kernel's hand-over to the power switch.
#pragma once

namespace kos::init {

/// PID 1. Does not return.
[[noreturn]] void run_guest();

}  // namespace kos::init
