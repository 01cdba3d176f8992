// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// System calls by number: who serves them, and what they are called.
#pragma once

#include "libos/dispatch/arguments.hpp"

#include <string_view>

namespace kos::libos {

inline constexpr Word call_limit = 512;

using CallHandler = Answer (*)(const Arguments& arguments);

/// The function that serves a system call, or nullptr.
[[nodiscard]] CallHandler handler_of(Word number);

/// Its name on Linux; empty where there is none of that number.
[[nodiscard]] std::string_view name_of_call(Word number);

/// Serves a system call. One that is not served is named in the system's log, the first time it
/// comes, and answered with ENOSYS.
Answer serve(Word number, const Arguments& arguments);

}  // namespace kos::libos
