// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/setup/json.hpp"

#include "oci-runtime/cli/signal_name.hpp"

#include <algorithm>

namespace kos::init {

oci::Result<void> only_keys(const oci::Field& field,
                            std::initializer_list<std::string_view> known) {
    if (!field.value().is_object()) return field.wrong_type("an object");
    for (const auto& [key, value] : field.value().items()) {
        if (std::ranges::find(known, key) == known.end()) {
            return field.error("unknown key \"" + key + "\"");
        }
    }
    return {};
}

oci::Result<void> signal_at(const oci::Field& field, std::string_view key, int& out) {
    std::string name;
    KOS_TRY(field.optional(key, name));
    if (name.empty()) return {};
    const auto number = oci::parse_signal(name);
    if (!number) return field.error("\"" + std::string{key} + "\": no signal is called " + name);
    out = *number;
    return {};
}

}  // namespace kos::init
