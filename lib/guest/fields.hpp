// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Fields of a payload, one after another: numbers little-endian, text and bytes with a u32 length
// before them, lists of text with a u16 count.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::guest {

/// A list of text as it lies in a payload, already checked.
struct TextList {
    std::uint16_t count = 0;
    Bytes bytes;

    /// Calls \p take with each.
    template <class F>
    void for_each(F take) const;
};

/// Reads fields in turn. What does not lie within the payload reads as 0 or nothing, and makes
/// `complete()` false, as bytes left over do.
class FieldReader {
   public:
    explicit FieldReader(Bytes payload) : rest_(payload) {}

    template <std::unsigned_integral T>
    T number() {
        const auto value = read_at<LittleEndian<T>>(rest_, 0);
        if (!value) return failed(T{0});
        rest_ = rest_.subspan(sizeof(T));
        return *value;
    }
    Bytes bytes() {
        const auto size = number<std::uint32_t>();
        const auto part = slice(rest_, 0, size);
        if (!part) return failed(Bytes{});
        rest_ = rest_.subspan(size);
        return *part;
    }
    /// Holds no NUL: to the kernel it would end there.
    std::string_view text() {
        const std::string_view value = as_text(bytes());
        if (value.find('\0') != std::string_view::npos) return failed(std::string_view{});
        return value;
    }
    TextList list() {
        TextList list{number<std::uint16_t>(), rest_};
        for (std::uint16_t i = 0; i < list.count && ok_; ++i) text();
        if (!ok_) return {};
        list.bytes = list.bytes.first(list.bytes.size() - rest_.size());
        return list;
    }

    [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }

   private:
    template <class T>
    T failed(T nothing) {
        ok_ = false;
        rest_ = {};
        return nothing;
    }

    Bytes rest_;
    bool ok_ = true;
};

template <class F>
void TextList::for_each(F take) const {
    FieldReader reader{bytes};
    for (std::uint16_t i = 0; i < count; ++i) take(reader.text());
}

}  // namespace kos::guest
