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

/// As Linux leaves it in x0: a value, or a negated error number. A trivial type, so that it travels
/// in a register; no value lies among the highest 4095, where Linux has its errors.
class [[nodiscard]] Answer {
   public:
    // NOLINTNEXTLINE(google-explicit-constructor): a value is a successful answer.
    Answer(Word value) : encoded_(value) {}
    // NOLINTNEXTLINE(google-explicit-constructor): `return Err{…}` is the way to fail.
    Answer(Err<Errno> error) : encoded_(Word{0} - static_cast<Word>(error.value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): components answer with outcomes.
    Answer(const Outcome<Word>& outcome)
        : Answer(outcome ? Answer{*outcome} : Answer{Err{outcome.error()}}) {}

    [[nodiscard]] bool ok() const { return encoded_ < first_error; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] Word value() const {
        if (!ok()) panic("Answer: it is an error");
        return encoded_;
    }
    Word operator*() const { return value(); }
    [[nodiscard]] Errno error() const {
        if (ok()) panic("Answer: it is a value");
        return static_cast<Errno>(Word{0} - encoded_);
    }
    /// For the app's x0.
    [[nodiscard]] Word encoded() const { return encoded_; }

   private:
    static constexpr Word first_error = Word{0} - 4095;

    Word encoded_;
};

}  // namespace kos::libos
