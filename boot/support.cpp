// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What Debian's libfdt expects of the program that links it: it is built with stack protection.
#include "lib/base/panic.hpp"

#include <cstdint>

extern "C" {
std::uintptr_t __stack_chk_guard = 0x0a0d'ff00'595e'4bf1;  // NOLINT: the compiler's name
[[noreturn]] void __stack_chk_fail() { kos::panic("stack overflow in the device tree library"); }
}
