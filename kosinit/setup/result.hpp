// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kosinit's errors: a code of the catalogue, where, the particulars; on the console each is one
// line.
#pragma once

#include "lib/base/error.hpp"
#include "lib/linux/result.hpp"

#include <string>
#include <string_view>

namespace kos::init {

/// The result of a system call, or an error that says what was being done.
template <class T>
[[nodiscard]] Outcome<T> explain(sys::Result<T> result, ErrorCode code, std::string_view where,
                                 std::string_view doing = {}) {
    if (!result) {
        std::string detail{doing};
        if (!detail.empty()) detail += ": ";
        return fail(code, std::string{where}, detail + sys::describe(result.error()));
    }
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        return std::move(result).value();
    }
}

/// `KOS-E-GUEST-DISK: linux1: a disk of the guest is missing: …`, control characters left out.
[[nodiscard]] std::string line_of(const Error& error);

}  // namespace kos::init
