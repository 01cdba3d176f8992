// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What can go wrong in the root server, with what it was about: enough for the one log line that a
// person sees.
#pragma once

#include "lib/base/error_catalogue.hpp"
#include "lib/base/result.hpp"
#include "lib/sel4/invoke.hpp"
#include "loader/caps/reserve.hpp"
#include "rootserver/console/line.hpp"

#include <cstdint>
#include <string_view>

namespace kos::rootserver {

/// What a kernel call or a check was about, such as {"the heap frame of page", 0x10000000}.
struct Subject {
    std::string_view what;  ///< text of static storage
    std::uint64_t number = 0;
};

struct Trouble {
    ErrorCode code;
    Subject subject;
    std::uint64_t missing_bytes = 0;  ///< UntypedTooSmall: the shortfall
    sel4::Failure failure{};          ///< KernelCall: the invocation and its error
    caps::Shortage shortage{};        ///< UntypedTooSmall: what was wanted, and what is there
};

template <class T = void>
using Attempt = Result<T, Trouble>;

[[nodiscard]] inline Err<Trouble> trouble(ErrorCode code, Subject subject) {
    return Err{Trouble{code, subject, 0, {}}};
}

/// The outcome of a kernel call, with what it was about.
template <class T>
[[nodiscard]] Attempt<T> about(Subject subject, Result<T, sel4::Failure> outcome) {
    if (!outcome) return Err{Trouble{ErrorCode::KernelCall, subject, 0, outcome.error()}};
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        return std::move(outcome).value();
    }
}

/// The same of a reservation of untyped memory.
[[nodiscard]] Trouble trouble_of(Subject subject, const caps::ReserveError& error);

/// Code, summary, particulars and cure, as the log shows them.
[[nodiscard]] Line describe(const Trouble& trouble);

}  // namespace kos::rootserver
