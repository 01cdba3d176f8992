// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/field.hpp"

#include <algorithm>

namespace kos::oci {

namespace {

/// Builds the document and keeps where parsing stopped.
class Builder : public nlohmann::detail::json_sax_dom_parser<Json> {
   public:
    explicit Builder(Json& document) : json_sax_dom_parser(document, false) {}
    template <class Exception>
    bool parse_error(std::size_t position, const std::string& token, const Exception& exception) {
        position_ = position;
        return json_sax_dom_parser::parse_error(position, token, exception);
    }
    [[nodiscard]] std::size_t position() const { return position_; }

   private:
    std::size_t position_ = 0;
};

std::string line_and_column(std::string_view text, std::size_t position) {
    const std::string_view before = text.substr(0, std::min(position, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n');
    const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1);
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// "~" and "/" are escaped in JSON pointers (RFC 6901).
void append_escaped(std::string& pointer, std::string_view key) {
    for (const char c : key) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view name) {
    Json root;
    Builder builder{root};
    if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
        return fail(std::string{name},
                    "not valid JSON at " + line_and_column(text, builder.position()));
    }
    return root;
}

std::string Field::pointer() const {
    if (parent_ == nullptr) return "";
    std::string pointer = parent_->pointer() + "/";
    if (key_.data() == nullptr) return pointer + std::to_string(index_);
    append_escaped(pointer, key_);
    return pointer;
}

Err<Failure> Field::wrong_type(std::string_view expected) const {
    const std::string is = value_.is_number() ? value_.dump() : value_.type_name();
    return error("must be " + std::string{expected} + ", is " + is);
}

Result<const Json*> Field::find(std::string_view key) const {
    if (!value_.is_object()) return wrong_type("an object");
    const auto member = value_.find(key);
    if (member == value_.end() || member->is_null()) return static_cast<const Json*>(nullptr);
    return &*member;
}

Result<void> decode(const Field& field, bool& out) {
    if (!field.value().is_boolean()) return field.wrong_type("true or false");
    out = field.value().get<bool>();
    return {};
}

Result<void> decode(const Field& field, std::string& out) {
    if (!field.value().is_string()) return field.wrong_type("a string");
    out = field.value().get_ref<const std::string&>();
    if (out.find('\0') != std::string::npos) return field.error("holds a NUL character");
    return {};
}

Result<std::uint64_t> decode_unsigned(const Field& field, std::uint64_t most) {
    const Json& value = field.value();
    if (!value.is_number_integer()) return field.wrong_type("an integer");
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
        return field.wrong_type("an integer from 0 to " + std::to_string(most));
    }
    return value.get<std::uint64_t>();
}

Result<std::int64_t> decode_signed(const Field& field, std::int64_t least, std::int64_t most) {
    const Json& value = field.value();
    if (!value.is_number_integer()) return field.wrong_type("an integer");
    const bool too_large =
        value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(most);
    if (too_large || value.get<std::int64_t>() < least) {
        return field.wrong_type("an integer from " + std::to_string(least) + " to " +
                                std::to_string(most));
    }
    return value.get<std::int64_t>();
}

}  // namespace kos::oci
