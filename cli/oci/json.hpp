// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Checked access to the JSON documents of an image: every miss is KOS-E-JSON with the document and
// the field, such as "index.json: /manifests/0/digest".
#pragma once

#include "lib/base/error.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// Largest document that is read (the limit that registries put on manifests).
inline constexpr std::uint64_t max_document = 4u << 20;

/// A value of a document, which must outlive it, and its place there.
class JsonView {
   public:
    JsonView(const nlohmann::json& value, std::string document, std::string pointer = {})
        : value_(&value), document_(std::move(document)), pointer_(std::move(pointer)) {}

    /// "DOCUMENT: /pointer/to/field"
    [[nodiscard]] std::string where() const {
        return pointer_.empty() ? document_ : document_ + ": " + pointer_;
    }

    /// The member \p key; nothing where it is absent or null.
    [[nodiscard]] Outcome<std::optional<JsonView>> optional(std::string_view key) const;
    [[nodiscard]] Outcome<JsonView> required(std::string_view key) const;

    [[nodiscard]] Outcome<std::string> text() const;
    [[nodiscard]] Outcome<std::uint64_t> number() const;
    [[nodiscard]] Outcome<std::vector<JsonView>> elements() const;
    [[nodiscard]] Outcome<std::vector<std::string>> texts() const;
    [[nodiscard]] Outcome<std::vector<std::string>> keys() const;

    // Members that may be absent, with what they are then.
    [[nodiscard]] Outcome<std::string> text_or(std::string_view key, std::string other) const;
    [[nodiscard]] Outcome<std::vector<std::string>> texts_or_none(std::string_view key) const;

   private:
    [[nodiscard]] Err<Error> expected(std::string_view type) const;
    [[nodiscard]] JsonView child(const nlohmann::json& value, std::string_view key) const {
        return {value, document_, pointer_ + "/" + std::string{key}};
    }

    const nlohmann::json* value_;
    std::string document_;
    std::string pointer_;  ///< RFC 6901, not escaped: people read it
};

/// The document \p text, or KOS-E-JSON with the byte at which it goes wrong.
Outcome<nlohmann::json> parse_json(std::string_view text, const std::string& where);

}  // namespace kos::oci
