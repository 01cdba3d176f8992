// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Fields of a mapping: one of a few words, one that may be missing, one that may not.
#pragma once

#include "cli/compose/reader.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kos::compose {

using Names = std::vector<std::string_view>;

template <class T>
struct Named {
    std::string_view name;
    T value;
};

/// One of a few words.
template <class T, std::size_t count>
[[nodiscard]] Outcome<T> read_choice(const Value& value, const Named<T> (&choices)[count]) {
    std::string names;
    for (const Named<T>& each : choices) {
        if (value.is_scalar() && value.text == each.name) return each.value;
        names.append(names.empty() ? "" : ", ").append(each.name);
    }
    return refuse_value(value, "it should be one of " + names);
}

/// Reads \p key of \p mapping into \p into where it is there.
template <class T, class Read>
[[nodiscard]] Outcome<void> optionally(const Value& mapping, std::string_view key, T& into,
                                       Read read) {
    if (const Value* value = mapping.find(key)) into = KOS_TRY(read(*value));
    return {};
}

[[nodiscard]] inline Outcome<const Value*> required(const Value& mapping, std::string_view key) {
    if (const Value* value = mapping.find(key)) return value;
    return fail(ErrorCode::ComposeValue, to_string(mapping.position),
                std::string{key}.append(" is missing"));
}

}  // namespace kos::compose
