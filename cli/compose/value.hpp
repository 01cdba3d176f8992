// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A YAML document with the place of every value, which messages name. Source: YAML 1.2; merge keys
// (`<<`) as in YAML 1.1, since compose files use them. Left out: tags but compose's own `!reset`
// and
// `!override`, and several documents in a file.
#pragma once

#include "lib/base/error.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kos::compose {

/// Line and column count from 1.
struct Position {
    std::shared_ptr<const std::string> file;
    unsigned line = 0;
    unsigned column = 0;
};
/// `FILE:LINE:COLUMN`
[[nodiscard]] std::string to_string(const Position& position);

struct Value {
    enum class Kind : std::uint8_t { Null, Scalar, Sequence, Mapping };
    /// How it joins what an earlier file says of the same thing.
    enum class Merge : std::uint8_t { Usual, Override, Reset };
    struct Entry;

    Kind kind = Kind::Null;
    Merge merge = Merge::Usual;
    bool is_quoted = false;  ///< a scalar that is text whatever it looks like
    Position position;
    std::string text;            ///< of a scalar
    std::vector<Value> items;    ///< of a sequence
    std::vector<Entry> entries;  ///< of a mapping, in the file's order, no key twice

    [[nodiscard]] bool is_null() const { return kind == Kind::Null; }
    [[nodiscard]] bool is_scalar() const { return kind == Kind::Scalar; }
    [[nodiscard]] bool is_sequence() const { return kind == Kind::Sequence; }
    [[nodiscard]] bool is_mapping() const { return kind == Kind::Mapping; }
    /// Of a mapping; null where there is none.
    [[nodiscard]] const Value* find(std::string_view key) const;
    [[nodiscard]] Value* find(std::string_view key);
};

struct Value::Entry {
    std::string key;
    Position position;  ///< of the key
    Value value;
};

/// "a mapping", for messages.
[[nodiscard]] std::string_view describe(Value::Kind kind);

/// \p file: what messages call it. KOS-E-COMPOSE-YAML.
[[nodiscard]] Outcome<Value> parse_yaml(const std::string& text, const std::string& file);

}  // namespace kos::compose
