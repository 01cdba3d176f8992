// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The one place where untrusted bytes become typed values.
#pragma once

#include "lib/base/checked.hpp"

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace kos {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

/// A copy of the T at `offset`, or nothing where it does not lie wholly within `bytes`.
template <class T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::optional<T> read_at(Bytes bytes, std::uint64_t offset) {
    if (!range_within(offset, sizeof(T), bytes.size())) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

/// The part [offset, offset + size), or nothing where it is not within `bytes`.
[[nodiscard]] inline std::optional<Bytes> slice(Bytes bytes, std::uint64_t offset,
                                                std::uint64_t size) {
    if (!range_within(offset, size, bytes.size())) return std::nullopt;
    return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

/// The bytes of a trivially copyable object.
template <class T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] Bytes bytes_of(const T& object) {
    return std::as_bytes(std::span<const T, 1>{&object, 1});
}

[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

}  // namespace kos
