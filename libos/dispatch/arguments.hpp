// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From a thread's registers to typed arguments: a handler's parameters say what it takes.
#pragma once

#include "libos/core/answer.hpp"
#include "libos/core/user.hpp"

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace kos::libos {

/// x0–x5 of a system call.
using Arguments = std::array<Word, 6>;

/// A register as a T: integers are cut to their width, as Linux does; pointers are wrapped.
template <class T>
[[nodiscard]] T argument(Word value) {
    if constexpr (std::is_integral_v<T>) {
        return static_cast<T>(value);
    } else {
        return T{value};
    }
}

/// Adapts `answer = handler(T0, T1, …)` to one that takes the registers.
template <auto handler>
struct Typed;

template <class... Parameters, Answer (*handler)(Parameters...)>
struct Typed<handler> {
    static_assert(sizeof...(Parameters) <= 6);
    static Answer call(const Arguments& arguments) {
        return call(arguments, std::index_sequence_for<Parameters...>{});
    }

   private:
    template <std::size_t... index>
    static Answer call([[maybe_unused]] const Arguments& arguments, std::index_sequence<index...>) {
        return handler(argument<Parameters>(arguments[index])...);
    }
};

}  // namespace kos::libos
