// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the runtime tells when it cannot do something: one line that names the field of config.json
// (as a JSON pointer), the option or the path, and what is wrong with it.
#pragma once

#include "lib/base/result.hpp"
#include "lib/linux/result.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace kos::oci {

struct Failure {
    std::string
        where;  ///< "/process/cwd", "--pid-file", "container web": empty where `what` says it
    std::string what;

    [[nodiscard]] std::string text() const { return where.empty() ? what : where + ": " + what; }
};

template <class T>
using Result = kos::Result<T, Failure>;

[[nodiscard]] inline Err<Failure> fail(std::string where, std::string what) {
    return Err{Failure{std::move(where), std::move(what)}};
}

[[nodiscard]] inline Err<Failure> fail(std::string_view where, std::string_view what,
                                       sys::Errno error) {
    return fail(std::string{where}, std::string{what}.append(": ").append(sys::describe(error)));
}

/// The result of a system call, or a failure that says at which field what was being done.
template <class T>
[[nodiscard]] Result<T> explain(sys::Result<T> result, std::string_view where,
                                std::string_view doing) {
    if (!result) return fail(where, doing, result.error());
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        return std::move(result).value();
    }
}

}  // namespace kos::oci
