// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/systemd/dbus_message.hpp"

#include <array>
#include <cstring>

namespace kos::oci {

namespace {

constexpr std::size_t head_size = 16;
constexpr std::size_t longest_message = 1
                                        << 20;  // of those that systemd sends; D-Bus allows 128 MiB

/// Codes of header fields.
enum class HeaderField : std::uint8_t {
    Path = 1,
    Interface = 2,
    Member = 3,
    ErrorName = 4,
    ReplySerial = 5,
    Destination = 6,
    Sender = 7,
    Signature = 8,
};

constexpr std::size_t aligned(std::size_t offset, std::size_t size) {
    return (offset + size - 1) / size * size;
}

/// Reads values from a message; after the first that does not fit, nothing is right any more.
class Reader {
   public:
    explicit Reader(std::string_view text, std::size_t offset = 0) : text_(text), offset_(offset) {}

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::size_t offset() const { return offset_; }
    void align(std::size_t size) { skip(aligned(offset_, size) - offset_); }
    void skip(std::size_t count) {
        if (!ok_ || count > text_.size() - offset_) {
            ok_ = false;
        } else {
            offset_ += count;
        }
    }
    std::uint8_t byte() {
        const std::size_t at = offset_;
        skip(1);
        return ok_ ? static_cast<std::uint8_t>(text_[at]) : 0;
    }
    std::uint32_t number32() {
        align(4);
        const std::size_t at = offset_;
        skip(4);
        std::uint32_t value = 0;
        if (ok_) std::memcpy(&value, text_.data() + at, sizeof value);
        return value;
    }
    std::string characters(std::size_t count) {
        const std::size_t at = offset_;
        skip(count);
        skip(1);  // NUL
        return ok_ ? std::string{text_.substr(at, count)} : "";
    }
    std::string string() { return characters(number32()); }
    std::string signature() { return characters(byte()); }

   private:
    std::string_view text_;
    std::size_t offset_;
    bool ok_ = true;
};

void add_field(DbusWriter& out, HeaderField field, const char* type, std::string_view value) {
    if (value.empty()) return;
    out.align(8);
    out.byte(static_cast<std::uint8_t>(field));
    out.signature(type);
    if (field == HeaderField::Signature) {
        out.signature(value);
    } else {
        out.string(value);
    }
}

/// One header field; false where its type is none that they have.
bool read_field(Reader& in, DbusMessage& out) {
    in.align(8);
    const auto field = static_cast<HeaderField>(in.byte());
    const std::string type = in.signature();
    if (type == "u") {
        const std::uint32_t value = in.number32();
        if (field == HeaderField::ReplySerial) out.reply_to = value;
    } else if (type == "g") {
        static_cast<void>(in.signature());
    } else if (type == "s" || type == "o") {
        std::string value = in.string();
        if (field == HeaderField::Member) out.member = std::move(value);
        if (field == HeaderField::ErrorName) out.error = std::move(value);
    } else {
        return false;
    }
    return in.ok();
}

}  // namespace

void DbusWriter::number32(std::uint32_t value) {
    align(4);
    text_.append(4, '\0');
    set32(text_.size() - 4, value);
}

void DbusWriter::number64(std::uint64_t value) {
    align(8);
    number32(static_cast<std::uint32_t>(value));
    number32(static_cast<std::uint32_t>(value >> 32));
}

void DbusWriter::string(std::string_view value) {
    number32(static_cast<std::uint32_t>(value.size()));
    text_.append(value).push_back('\0');
}

void DbusWriter::signature(std::string_view value) {
    byte(static_cast<std::uint8_t>(value.size()));
    text_.append(value).push_back('\0');
}

void DbusWriter::set32(std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) text_[offset + i] = static_cast<char>(value >> (8 * i));
}

std::string to_message(const DbusCall& call, std::uint32_t serial, const std::string& body) {
    DbusWriter out;
    out.byte('l');
    out.byte(static_cast<std::uint8_t>(DbusKind::Call));
    out.byte(0);  // flags: a reply is wanted
    out.byte(1);  // version of the protocol
    out.number32(static_cast<std::uint32_t>(body.size()));
    out.number32(serial);
    out.array(8, [&] {
        add_field(out, HeaderField::Path, "o", call.path);
        add_field(out, HeaderField::Interface, "s", call.interface);
        add_field(out, HeaderField::Member, "s", call.method);
        add_field(out, HeaderField::Destination, "s", call.destination);
        add_field(out, HeaderField::Signature, "g", call.signature);
    });
    out.align(8);
    return out.text() + body;
}

std::optional<std::string> DbusMessage::string_at(std::size_t& offset) const {
    Reader in{body, offset};
    std::string text = in.string();
    if (!in.ok()) return std::nullopt;
    offset = in.offset();
    return text;
}

std::optional<std::size_t> size_of_message(std::string_view head) {
    if (head.size() < head_size || head[0] != 'l' || head[3] != 1) return std::nullopt;
    Reader in{head, 4};
    const std::size_t body = in.number32();
    in.skip(4);
    const std::size_t fields = in.number32();
    const std::size_t size = aligned(head_size + fields, 8) + body;
    if (fields > longest_message || body > longest_message) return std::nullopt;
    return size;
}

std::optional<DbusMessage> parse_message(std::string_view text) {
    const auto size = size_of_message(text);
    if (!size || *size != text.size()) return std::nullopt;
    DbusMessage message;
    message.kind = static_cast<DbusKind>(text[1]);
    Reader in{text, 12};
    const std::size_t fields = in.number32();
    const std::size_t end = head_size + fields;
    if (end > text.size()) return std::nullopt;
    while (in.offset() < end) {
        if (!read_field(in, message)) return std::nullopt;
    }
    if (in.offset() != end) return std::nullopt;
    in.align(8);
    if (!in.ok()) return std::nullopt;
    message.body = text.substr(in.offset());
    return message;
}

}  // namespace kos::oci
