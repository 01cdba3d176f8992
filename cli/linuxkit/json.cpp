// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/json.hpp"

#include "cli/compose/reader.hpp"

#include <charconv>
#include <cmath>

namespace kos::linuxkit {

using Json = nlohmann::ordered_json;

namespace {

Outcome<Json> scalar_of(const compose::Value& value) {
    if (value.is_quoted) return Json(value.text);
    if (value.text == "true" || value.text == "false") return Json(value.text == "true");
    const char* const begin = value.text.data();
    const char* const end = begin + value.text.size();
    // YAML writes it with a dot, behind which C++ reads it as well.
    std::string_view word = value.text;
    if (word.starts_with('+') || word.starts_with('-')) word.remove_prefix(1);
    if (word.starts_with('.')) word.remove_prefix(1);
    double not_finite = 0;
    const auto last = std::from_chars(word.data(), word.data() + word.size(), not_finite);
    const bool is_read = last.ec == std::errc{} && last.ptr == word.data() + word.size();
    if (is_read && !std::isfinite(not_finite)) {
        return compose::refuse_value(value, "it is no finite number; quoted, it is text");
    }
    std::int64_t number = 0;
    const auto whole = std::from_chars(begin, end, number);
    if (whole.ec == std::errc{} && whole.ptr == end) return Json(number);
    double fraction = 0;
    const auto decimal = std::from_chars(begin, end, fraction);
    if (decimal.ec == std::errc{} && decimal.ptr == end) return Json(fraction);
    return Json(value.text);
}

}  // namespace

Outcome<Json> json_of(const compose::Value& value) {
    switch (value.kind) {
        case compose::Value::Kind::Null:
            return Json(nullptr);
        case compose::Value::Kind::Scalar:
            return scalar_of(value);
        case compose::Value::Kind::Sequence: {
            Json list = Json::array();
            for (const compose::Value& item : value.items) list.push_back(KOS_TRY(json_of(item)));
            return list;
        }
        case compose::Value::Kind::Mapping: {
            Json object = Json::object();
            for (const auto& entry : value.entries) {
                object[entry.key] = KOS_TRY(json_of(entry.value));
            }
            return object;
        }
    }
    return Json(nullptr);
}

std::string text_of(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kos::linuxkit
