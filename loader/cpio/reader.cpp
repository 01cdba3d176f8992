// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/cpio/reader.hpp"

#include "lib/base/checked.hpp"

#include <algorithm>
#include <array>

namespace kos::cpio {

namespace {

constexpr std::string_view magic = "070701";
constexpr std::string_view trailer = "TRAILER!!!";
constexpr std::size_t digits = 8;
constexpr std::size_t header_size = 110;
constexpr std::uint64_t alignment = 4;

/// The fields behind the magic, in the order in which they are stored.
enum class Field : std::uint8_t {
    Inode,
    Mode,
    User,
    Group,
    LinkCount,
    Modified,
    FileSize,
    DeviceMajor,
    DeviceMinor,
    SpecialMajor,
    SpecialMinor,
    NameSize,
    Check,
};
constexpr std::size_t field_count = 13;
static_assert(magic.size() + field_count * digits == header_size);

std::optional<std::uint32_t> digit_value(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<std::uint32_t>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<std::uint32_t>(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F') return static_cast<std::uint32_t>(digit - 'A' + 10);
    return std::nullopt;
}

class Header {
   public:
    static Result<Header, Error> create(std::string_view text) {
        if (text.substr(0, magic.size()) != magic) return Err{Error::Magic};
        Header header;
        for (std::size_t index = 0; index < field_count; ++index) {
            std::uint32_t value = 0;
            for (const char digit : text.substr(magic.size() + index * digits, digits)) {
                const auto part = digit_value(digit);
                if (!part) return Err{Error::Number};
                value = value << 4 | *part;
            }
            header.fields_[index] = value;
        }
        return header;
    }

    [[nodiscard]] std::uint32_t operator[](Field field) const {
        return fields_[static_cast<std::size_t>(field)];
    }

   private:
    std::array<std::uint32_t, field_count> fields_{};
};

Metadata metadata_of(const Header& header) {
    return {
        .inode = header[Field::Inode],
        .mode = header[Field::Mode],
        .user = header[Field::User],
        .group = header[Field::Group],
        .link_count = header[Field::LinkCount],
        .modified = header[Field::Modified],
        .device_major = header[Field::DeviceMajor],
        .device_minor = header[Field::DeviceMinor],
        .special_major = header[Field::SpecialMajor],
        .special_minor = header[Field::SpecialMinor],
    };
}

/// The name without the NUL that ends it.
Result<std::string_view, Error> name_of(Bytes stored) {
    // Not string_view::find: it calls memchr, which libos does not have.
    const auto end = std::find(stored.begin(), stored.end(), std::byte{0});
    if (stored.size() < 2 || stored.end() - end != 1) return Err{Error::Name};
    return as_text(stored.first(stored.size() - 1));
}

}  // namespace

std::string_view describe(Error error) {
    switch (error) {
        case Error::Truncated:
            return "the archive ends early";
        case Error::Magic:
            return "an entry does not start with 070701";
        case Error::Number:
            return "a header field is not a hexadecimal number";
        case Error::Name:
            return "a name is empty or not terminated";
    }
    return "unknown error";
}

Result<Bytes, Error> Reader::take(std::uint64_t size) {
    const auto part = slice(archive_, offset_, size);
    if (!part) return Err{Error::Truncated};
    // Padding may be missing behind the archive's last byte.
    const std::uint64_t padded = align_down(offset_ + size + alignment - 1, alignment);
    offset_ = padded < archive_.size() ? padded : archive_.size();
    return *part;
}

Result<std::optional<Entry>, Error> Reader::next() {
    const auto header_bytes = slice(archive_, offset_, header_size);
    if (!header_bytes) return Err{Error::Truncated};
    const Header header = KOS_TRY(Header::create(as_text(*header_bytes)));

    // The name is padded together with the header before it.
    const Bytes head = KOS_TRY(take(header_size + std::uint64_t{header[Field::NameSize]}));
    const std::string_view name = KOS_TRY(name_of(head.subspan(header_size)));
    if (name == trailer) return std::optional<Entry>{};
    const Bytes data = KOS_TRY(take(header[Field::FileSize]));
    return std::optional{Entry{name, metadata_of(header), data}};
}

}  // namespace kos::cpio
