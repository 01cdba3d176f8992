// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/json.hpp"

#include <charconv>

namespace kos::linuxkit {

using Json = nlohmann::ordered_json;

namespace {

Json scalar_of(const compose::Value& value) {
    if (value.is_quoted) return value.text;
    if (value.text == "true" || value.text == "false") return value.text == "true";
    const char* const begin = value.text.data();
    const char* const end = begin + value.text.size();
    std::int64_t number = 0;
    const auto whole = std::from_chars(begin, end, number);
    if (whole.ec == std::errc{} && whole.ptr == end) return number;
    double fraction = 0;
    const auto decimal = std::from_chars(begin, end, fraction);
    if (decimal.ec == std::errc{} && decimal.ptr == end) return fraction;
    return value.text;
}

}  // namespace

Json json_of(const compose::Value& value) {
    switch (value.kind) {
        case compose::Value::Kind::Null:
            return nullptr;
        case compose::Value::Kind::Scalar:
            return scalar_of(value);
        case compose::Value::Kind::Sequence: {
            Json list = Json::array();
            for (const compose::Value& item : value.items) list.push_back(json_of(item));
            return list;
        }
        case compose::Value::Kind::Mapping: {
            Json object = Json::object();
            for (const auto& entry : value.entries) object[entry.key] = json_of(entry.value);
            return object;
        }
    }
    return nullptr;
}

}  // namespace kos::linuxkit
