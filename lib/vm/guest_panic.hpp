// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// How it is known that a guest's kernel gave up: by what it prints (Linux, kernel/panic.c), since
// what it does then, a reset, tells nothing.
#pragma once

#include <string_view>

namespace kos::vm {

/// In a line of the guest's console.
inline constexpr std::string_view kernel_panic = "Kernel panic - not syncing";

/// What is told of it.
inline constexpr std::string_view panic_line = "KOS-E-GUEST-PANIC: the guest's kernel panicked";

}  // namespace kos::vm
