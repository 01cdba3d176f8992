// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the headers of the standard library call where a program has no exceptions: a source of
// freestanding programs.
#include "lib/base/panic.hpp"

namespace std {

/// std::string_view::substr() and its like with a position behind the end.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl50-cpp): the library's name and form.
[[noreturn]] void __throw_out_of_range_fmt(const char* /*format*/, ...) {
    kos::panic("a position lies behind the end of a string");
}

}  // namespace std
