// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a system call answers: a value for the app's x0, or an error number.
#pragma once

#include "lib/base/result.hpp"
#include "libos/abi/errno.hpp"

#include <cstdint>

namespace kos::libos {

using Word = std::uint64_t;

template <class T>
using Outcome = Result<T, Errno>;

using Answer = Outcome<Word>;

/// What Linux leaves in x0: the value, or the negated error number.
[[nodiscard]] inline Word encode(const Answer& answer) {
    if (answer) return *answer;
    return Word{0} - static_cast<Word>(answer.error());
}

}  // namespace kos::libos
