// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// System calls as results: a value, or the errno that the kernel gave.
#pragma once

#include "lib/base/result.hpp"

#include <cerrno>
#include <cstring>
#include <string>

namespace kos::sys {

/// A Linux error number; never 0 in a failed result.
struct Errno {
    int value = 0;
    friend bool operator==(Errno, Errno) = default;
    friend bool operator==(Errno error, int number) { return error.value == number; }
};

/// "No such file or directory"; in English whatever the locale.
[[nodiscard]] inline std::string describe(Errno error) {
    const char* text = strerrordesc_np(error.value);
    return text != nullptr ? text : "error " + std::to_string(error.value);
}

template <class T>
using Result = kos::Result<T, Errno>;

[[nodiscard]] inline Err<Errno> last_error() { return Err{Errno{errno}}; }

/// The value that a system call returned, or errno where it is -1.
template <class T>
[[nodiscard]] Result<T> check(T returned) {
    if (returned == static_cast<T>(-1)) return last_error();
    return returned;
}

/// Success, or errno where the call returned -1.
template <class T>
[[nodiscard]] Result<void> done(T returned) {
    if (returned == static_cast<T>(-1)) return last_error();
    return {};
}

}  // namespace kos::sys
