// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos-init: process 1 of a container whose program is not made for that. It forwards signals,
// reaps orphans, and ends as the program does (128 + n for a signal).
#pragma once

namespace kos::init {

/// Runs \p arguments (ended by a null pointer); the exit status.
int run_container_init(char* const* arguments);

}  // namespace kos::init
