// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/json.hpp"

namespace kos::oci {

Err<Error> JsonView::expected(std::string_view type) const {
    return fail(ErrorCode::JsonInvalid, where(),
                "expected " + std::string{type} + ", found " + value_->type_name());
}

Outcome<std::optional<JsonView>> JsonView::optional(std::string_view key) const {
    if (!value_->is_object()) return expected("an object");
    const auto member = value_->find(key);
    if (member == value_->end() || member->is_null()) return std::optional<JsonView>{};
    return std::optional{child(*member, key)};
}

Outcome<JsonView> JsonView::required(std::string_view key) const {
    auto member = KOS_TRY(optional(key));
    if (member) return std::move(*member);
    return fail(ErrorCode::JsonInvalid, child(*value_, key).where(), "the field is missing");
}

Outcome<std::string> JsonView::text() const {
    if (!value_->is_string()) return expected("a string");
    return value_->get_ref<const std::string&>();
}

Outcome<std::uint64_t> JsonView::number() const {
    if (!value_->is_number_unsigned()) return expected("a whole number");
    return value_->get<std::uint64_t>();
}

Outcome<std::vector<JsonView>> JsonView::elements() const {
    if (!value_->is_array()) return expected("an array");
    std::vector<JsonView> views;
    for (std::size_t i = 0; i < value_->size(); ++i) {
        views.push_back(child((*value_)[i], std::to_string(i)));
    }
    return views;
}

Outcome<std::vector<std::string>> JsonView::texts() const {
    std::vector<std::string> texts;
    for (const JsonView& element : KOS_TRY(elements())) texts.push_back(KOS_TRY(element.text()));
    return texts;
}

Outcome<std::vector<std::string>> JsonView::keys() const {
    if (!value_->is_object()) return expected("an object");
    std::vector<std::string> keys;
    for (const auto& [key, value] : value_->items()) keys.push_back(key);
    return keys;
}

Outcome<std::string> JsonView::text_or(std::string_view key, std::string other) const {
    const auto member = KOS_TRY(optional(key));
    if (!member) return other;
    return member->text();
}

Outcome<std::vector<std::string>> JsonView::texts_or_none(std::string_view key) const {
    const auto member = KOS_TRY(optional(key));
    if (!member) return std::vector<std::string>{};
    return member->texts();
}

Outcome<nlohmann::json> parse_json(std::string_view text, const std::string& where) {
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        return fail(ErrorCode::JsonInvalid, where,
                    "syntax error at byte " + std::to_string(error.byte));
    }
}

}  // namespace kos::oci
