// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Typed values out of a document. Each function fails with KOS-E-COMPOSE-VALUE at the value's
// place, saying what it should be.
#pragma once

#include "cli/compose/model.hpp"
#include "cli/compose/value.hpp"

#include <span>
#include <string_view>

namespace kos::compose {

/// A key that the specification has and kos does not support, and why or what to use.
struct UnsupportedKey {
    std::string_view key;
    std::string_view reason;
};

/// \p value is a mapping of \p supported keys, and of `x-` keys, which are for other tools.
/// KOS-E-COMPOSE-UNSUPPORTED for the others that the specification knows, KOS-E-COMPOSE-KEY for the
/// rest, with the key that was probably meant. \p what: "a service", for messages.
[[nodiscard]] Outcome<void> check_keys(const Value& value, std::string_view what,
                                       std::span<const std::string_view> supported,
                                       std::span<const UnsupportedKey> unsupported = {});

[[nodiscard]] Err<Error> refuse_value(const Value& value, std::string detail);

[[nodiscard]] Outcome<std::string> read_text(const Value& value);
[[nodiscard]] Outcome<bool> read_bool(const Value& value);
[[nodiscard]] Outcome<std::uint64_t> read_number(const Value& value, std::uint64_t least,
                                                 std::uint64_t most);
/// A positive decimal fraction.
[[nodiscard]] Outcome<double> read_fraction(const Value& value);
/// `1h5m30s20ms`; `0` has no unit.
[[nodiscard]] Outcome<Duration> read_duration(const Value& value);
/// `2gb`, `1.5m`, `1024`: multiples of 1024.
[[nodiscard]] Outcome<std::uint64_t> read_bytes(const Value& value);
/// The same with multiples of 1000, as docker counts files of logs.
[[nodiscard]] Outcome<std::uint64_t> read_decimal_bytes(const Value& value);
/// Of a place in the container.
[[nodiscard]] Outcome<std::string> absolute_path(const Value& value);
/// Permissions in octal, `0444`.
[[nodiscard]] Outcome<unsigned> read_mode(const Value& value);
[[nodiscard]] Outcome<Strings> read_texts(const Value& list);
/// A list of words, or a line of them as a shell splits it (POSIX shell, 2.2 Quoting).
[[nodiscard]] Outcome<Strings> read_command(const Value& value);
/// A value without one, as `labels: {a:}`, is the empty text.
[[nodiscard]] Outcome<std::map<std::string, std::string>> read_text_map(const Value& mapping);
/// Where it has been read, an element of a mapping or nothing.
[[nodiscard]] Outcome<void> expect_mapping(const Value& value, std::string_view what);
[[nodiscard]] Outcome<void> expect_list(const Value& value, std::string_view what);

/// The element of \p names nearest to \p name, or nothing where none is near.
[[nodiscard]] std::string_view nearest(std::string_view name,
                                       std::span<const std::string_view> names);

}  // namespace kos::compose
