// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the runtimes of C++ and C call where something is broken that they would report otherwise.
#include "lib/base/panic.hpp"

#include <cstdint>

extern "C" {

[[noreturn]] void __cxa_pure_virtual() { kos::panic("a pure virtual function was called"); }

// Debian's libfdt is built with stack protection.
std::uintptr_t __stack_chk_guard = 0x0a0d'ff00'595e'4bf1;  // NOLINT: the compiler's name
[[noreturn]] void __stack_chk_fail() { kos::panic("stack overflow in the device tree library"); }
}
