// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reading JSON into structures, with errors that give the JSON pointer of the offending value.
//
// A structure T is readable when there is `Result<void> decode(const Field&, T&)`, found by
// argument-dependent lookup; lists, optionals and maps of readable types are readable. Members that
// the specification does not define are ignored, as it demands; null counts as absent.
#pragma once

#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/names.hpp"

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

using Json = nlohmann::json;

/// Syntax errors give line and column; duplicate keys count as in most parsers: the last wins.
[[nodiscard]] Result<Json> parse_json(std::string_view text, std::string_view name);

/// A value and the way to it from the document's root. Borrows both.
class Field {
   public:
    explicit Field(const Json& root) : value_(root), parent_(nullptr) {}
    Field(const Json& value, const Field& parent, std::string_view key)
        : value_(value), parent_(&parent), key_(key) {}
    Field(const Json& value, const Field& parent, std::size_t index)
        : value_(value), parent_(&parent), index_(index) {}

    [[nodiscard]] const Json& value() const { return value_; }
    [[nodiscard]] std::string pointer() const;
    [[nodiscard]] Err<Failure> error(std::string what) const {
        return fail(pointer(), std::move(what));
    }
    /// At a member: what is wrong with it shows only beside others.
    [[nodiscard]] Err<Failure> error(std::string_view key, std::string what) const {
        return Field{value_, *this, key}.error(std::move(what));
    }
    [[nodiscard]] Err<Failure> wrong_type(std::string_view expected) const;

    /// Leaves `out` as it is where the member is absent or null.
    template <class T>
    [[nodiscard]] Result<void> optional(std::string_view key, T& out) const {
        const Json* member = KOS_TRY(find(key));
        if (member == nullptr) return {};
        return decode(Field{*member, *this, key}, out);
    }
    template <class T>
    [[nodiscard]] Result<void> required(std::string_view key, T& out) const {
        const Json* member = KOS_TRY(find(key));
        if (member == nullptr) return error("has no \"" + std::string{key} + "\"");
        return decode(Field{*member, *this, key}, out);
    }
    [[nodiscard]] Result<bool> has(std::string_view key) const {
        return KOS_TRY(find(key)) != nullptr;
    }

    /// The value whose name this string is.
    template <class T>
    [[nodiscard]] Result<T> named(std::span<const Name<T>> names) const;
    template <class T>
    [[nodiscard]] Result<void> optional_name(std::string_view key, std::span<const Name<T>> names,
                                             T& out) const;
    template <class T>
    [[nodiscard]] Result<void> required_name(std::string_view key, std::span<const Name<T>> names,
                                             T& out) const;
    /// A list of names, as the union of their bits.
    template <class T>
    [[nodiscard]] Result<void> optional_mask(std::string_view key, std::span<const Name<T>> names,
                                             T& out) const;

   private:
    /// Null where the member is absent; fails where this is no object.
    [[nodiscard]] Result<const Json*> find(std::string_view key) const;

    const Json& value_;
    const Field* parent_;
    std::string_view key_;
    std::size_t index_ = 0;
};

[[nodiscard]] Result<void> decode(const Field& field, bool& out);
/// Refuses text with NUL in it: no string of a config may mean less to the kernel than to JSON.
[[nodiscard]] Result<void> decode(const Field& field, std::string& out);
[[nodiscard]] Result<std::uint64_t> decode_unsigned(const Field& field, std::uint64_t most);
[[nodiscard]] Result<std::int64_t> decode_signed(const Field& field, std::int64_t least,
                                                 std::int64_t most);

template <std::unsigned_integral T>
requires(!std::same_as<T, bool>) [[nodiscard]] Result<void> decode(const Field& field, T& out) {
    out = static_cast<T>(KOS_TRY(decode_unsigned(field, std::numeric_limits<T>::max())));
    return {};
}

template <std::signed_integral T>
[[nodiscard]] Result<void> decode(const Field& field, T& out) {
    out = static_cast<T>(KOS_TRY(
        decode_signed(field, std::numeric_limits<T>::min(), std::numeric_limits<T>::max())));
    return {};
}

template <class T>
[[nodiscard]] Result<void> decode(const Field& field, std::optional<T>& out) {
    return decode(field, out.emplace());
}

template <class T>
[[nodiscard]] Result<void> decode(const Field& field, std::vector<T>& out) {
    if (!field.value().is_array()) return field.wrong_type("an array");
    out.clear();
    out.reserve(field.value().size());
    std::size_t index = 0;
    for (const Json& element : field.value()) {
        KOS_TRY(decode(Field{element, field, index++}, out.emplace_back()));
    }
    return {};
}

template <class T>
[[nodiscard]] Result<void> decode(const Field& field, std::map<std::string, T>& out) {
    if (!field.value().is_object()) return field.wrong_type("an object");
    for (const auto& [key, value] : field.value().items()) {
        if (key.find('\0') != std::string::npos) return field.error("a key holds a NUL character");
        KOS_TRY(decode(Field{value, field, key}, out[key]));
    }
    return {};
}

template <class T>
Result<T> Field::named(std::span<const Name<T>> names) const {
    std::string name;
    KOS_TRY(decode(*this, name));
    for (const Name<T>& row : names) {
        if (row.name == name) return row.value;
    }
    return error("unknown name \"" + name + "\"");
}

template <class T>
Result<void> Field::optional_name(std::string_view key, std::span<const Name<T>> names,
                                  T& out) const {
    const Json* member = KOS_TRY(find(key));
    if (member != nullptr) out = KOS_TRY((Field{*member, *this, key}.named(names)));
    return {};
}

template <class T>
Result<void> Field::required_name(std::string_view key, std::span<const Name<T>> names,
                                  T& out) const {
    if (!KOS_TRY(has(key))) return error("has no \"" + std::string{key} + "\"");
    return optional_name(key, names, out);
}

template <class T>
Result<void> Field::optional_mask(std::string_view key, std::span<const Name<T>> names,
                                  T& out) const {
    const Json* member = KOS_TRY(find(key));
    if (member == nullptr) return {};
    const Field list{*member, *this, key};
    if (!member->is_array()) return list.wrong_type("an array");
    std::size_t index = 0;
    for (const Json& element : *member) {
        out |= KOS_TRY((Field{element, list, index++}.named(names)));
    }
    return {};
}

}  // namespace kos::oci
