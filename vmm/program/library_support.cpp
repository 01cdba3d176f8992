// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What libraries call where something is broken that they would report otherwise.
#include "lib/base/panic.hpp"

#include <cstdint>

namespace std {

/// std::string_view::substr() and its like with a position behind the end.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl50-cpp): the library's name and form.
[[noreturn]] void __throw_out_of_range_fmt(const char* /*format*/, ...) {
    kos::panic("a position lies behind the end of a string");
}

}  // namespace std

extern "C" {

[[noreturn]] void __cxa_pure_virtual() { kos::panic("a pure virtual function was called"); }

// Debian's libfdt is built with stack protection.
std::uintptr_t __stack_chk_guard = 0x0a0d'ff00'595e'4bf1;  // NOLINT: the compiler's name
[[noreturn]] void __stack_chk_fail() { kos::panic("stack overflow in the device tree library"); }
}
