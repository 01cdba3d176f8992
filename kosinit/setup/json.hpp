// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What kosinit's own JSON files have beyond OCI's: unknown keys are errors.
#pragma once

#include "kosinit/setup/result.hpp"
#include "oci-runtime/spec/field.hpp"

#include <initializer_list>
#include <string_view>

namespace kos::init {

[[nodiscard]] oci::Result<void> only_keys(const oci::Field& field,
                                          std::initializer_list<std::string_view> known);

/// A number from \p least to \p most; \p out stays as it is where the member is absent.
template <class T>
[[nodiscard]] oci::Result<void> number_in(const oci::Field& field, std::string_view key, T& out,
                                          T least, T most) {
    T value = out;
    KOS_TRY(field.optional(key, value));
    if (value < least || value > most) {
        return field.error("\"" + std::string{key} + "\" must be from " + std::to_string(least) +
                           " to " + std::to_string(most));
    }
    out = value;
    return {};
}

/// "SIGTERM", "TERM" or a number as text or number; \p out stays where the member is absent.
[[nodiscard]] oci::Result<void> signal_at(const oci::Field& field, std::string_view key, int& out);

/// \p name is the file's.
[[nodiscard]] inline Err<Error> config_error(std::string_view name, const oci::Failure& failure) {
    return fail(ErrorCode::GuestConfig, std::string{name}, failure.text());
}

}  // namespace kos::init
