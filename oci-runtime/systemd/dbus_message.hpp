// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages of D-Bus (D-Bus Specification 0.38, "Message Protocol"), little endian, as many types as
// the runtime sends to systemd. Every value is aligned to its size from the start of the message;
// structures to 8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kos::oci {

/// Values one after another.
class DbusWriter {
   public:
    void byte(std::uint8_t value) { text_ += static_cast<char>(value); }
    void number32(std::uint32_t value);
    void number64(std::uint64_t value);
    void boolean(bool value) { number32(value ? 1 : 0); }
    void string(std::string_view value);  ///< an object path as well
    void signature(std::string_view value);
    void align(std::size_t size) { text_.resize((text_.size() + size - 1) / size * size); }

    /// `fill` writes the elements, which are aligned to `alignment`.
    template <class Fill>
    void array(std::size_t alignment, Fill fill) {
        number32(0);
        const std::size_t length = text_.size() - 4;
        align(alignment);
        const std::size_t start = text_.size();
        fill();
        set32(length, static_cast<std::uint32_t>(text_.size() - start));
    }

    void set32(std::size_t offset, std::uint32_t value);
    [[nodiscard]] const std::string& text() const { return text_; }

   private:
    std::string text_;
};

/// Whom a method call is for. All are names, as in "org.freedesktop.systemd1".
struct DbusCall {
    std::string_view destination;
    std::string_view path;
    std::string_view interface;
    std::string_view method;
    std::string_view signature;  ///< of `body`
};

[[nodiscard]] std::string to_message(const DbusCall& call, std::uint32_t serial,
                                     const std::string& body);

enum class DbusKind : std::uint8_t { Call = 1, Return = 2, Error = 3, Signal = 4 };

struct DbusMessage {
    DbusKind kind = DbusKind::Call;
    std::uint32_t reply_to = 0;
    std::string member;
    std::string error;
    std::string body;

    /// The string (or object path) that the body holds at `offset`; nothing where there is none.
    [[nodiscard]] std::optional<std::string> string_at(std::size_t& offset) const;
};

/// The size of the message that begins with these 16 bytes; nothing where they begin none.
[[nodiscard]] std::optional<std::size_t> size_of_message(std::string_view head);

/// Nothing where `text` is no whole message.
[[nodiscard]] std::optional<DbusMessage> parse_message(std::string_view text);

}  // namespace kos::oci
