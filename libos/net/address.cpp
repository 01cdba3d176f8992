// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/net/address.hpp"

#include <algorithm>

namespace kos::libos {

namespace {

constexpr std::size_t inet_size = 16, inet6_size = 28, unix_path_offset = 2;
constexpr std::size_t inet6_address = 8;

std::uint32_t big_endian(Bytes bytes) {
    std::uint32_t value = 0;
    for (const std::byte byte : bytes) value = value << 8 | static_cast<std::uint32_t>(byte);
    return value;
}

void put_big_endian(std::uint32_t value, MutableBytes bytes) {
    for (std::size_t i = bytes.size(); i-- > 0; value >>= 8)
        bytes[i] = static_cast<std::byte>(value);
}

bool is_zero(Bytes bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

/// Writes as much as there is room for, and how long it is.
Outcome<void> write_address(Bytes bytes, Word address, UserPointer<std::uint32_t> size) {
    const std::size_t fits = std::min<std::size_t>(bytes.size(), KOS_TRY(size.read()));
    const MutableBytes target = KOS_TRY(user_bytes(address, fits));
    std::copy_n(bytes.begin(), fits, target.begin());
    return size.write(static_cast<std::uint32_t>(bytes.size()));
}

Outcome<std::uint32_t> from_inet6(Bytes address) {
    const std::uint32_t last = big_endian(address.subspan(12));
    if (is_zero(address.first(12)) && last <= 1) return last == 0 ? 0u : 0x7f00'0001u;
    if (is_zero(address.first(10)) && big_endian(address.subspan(10, 2)) == 0xffff) return last;
    return Err{Errno::Eaddrnotavail};
}

}  // namespace

Outcome<Endpoint> read_endpoint(Family family, Word address, Word size) {
    const bool is_inet6 = family == Family::Inet6;
    if (size < (is_inet6 ? inet6_size - 4 : inet_size)) return Err{Errno::Einval};
    const Bytes bytes = KOS_TRY(user_bytes(address, is_inet6 ? inet6_size - 4 : inet_size));
    const auto given = static_cast<Family>(*read_at<std::uint16_t>(bytes, 0));
    if (given != family) return Err{Errno::Eafnosupport};
    Endpoint endpoint{big_endian(bytes.subspan(4, 4)), big_endian(bytes.subspan(2, 2))};
    if (is_inet6) endpoint.address = KOS_TRY(from_inet6(bytes.subspan(inet6_address, 16)));
    return endpoint;
}

Outcome<void> write_endpoint(Family family, const Endpoint& endpoint, Word address,
                             UserPointer<std::uint32_t> size) {
    if (address == 0) return {};
    std::array<std::byte, inet6_size> bytes{};
    bytes[0] = static_cast<std::byte>(family);
    std::size_t length = unix_path_offset;
    if (family != Family::Unix) put_big_endian(endpoint.port, MutableBytes{bytes}.subspan(2, 2));
    if (family == Family::Inet) {
        put_big_endian(endpoint.address, MutableBytes{bytes}.subspan(4, 4));
        length = inet_size;
    } else if (family == Family::Inet6) {
        length = inet6_size;
        if (endpoint.address != 0) {
            put_big_endian(0xffff, MutableBytes{bytes}.subspan(inet6_address + 10, 2));
            put_big_endian(endpoint.address, MutableBytes{bytes}.subspan(inet6_address + 12, 4));
        }
    }
    return write_address(Bytes{bytes}.first(length), address, size);
}

Outcome<void> write_socket_path(std::string_view path, Word address,
                                UserPointer<std::uint32_t> size) {
    if (address == 0) return {};
    constexpr std::size_t longest = 108;
    std::array<std::byte, unix_path_offset + longest + 1> bytes{};
    bytes[0] = static_cast<std::byte>(Family::Unix);
    const Bytes text = as_bytes(path).first(std::min(path.size(), longest));
    std::copy(text.begin(), text.end(), bytes.begin() + unix_path_offset);
    // A path's size counts the zero behind it, an abstract name has none.
    const bool has_end = !path.empty() && path[0] != '\0';
    const std::size_t length = unix_path_offset + text.size() + (has_end ? 1 : 0);
    return write_address(Bytes{bytes}.first(length), address, size);
}

Outcome<std::string_view> read_socket_path(Word address, Word size) {
    constexpr Word longest = 110;
    if (size <= unix_path_offset || size > longest) return Err{Errno::Einval};
    const Bytes bytes = KOS_TRY(user_bytes(address, size));
    if (*read_at<std::uint16_t>(bytes, 0) != static_cast<std::uint16_t>(Family::Unix)) {
        return Err{Errno::Eafnosupport};
    }
    const std::string_view path = as_text(bytes.subspan(unix_path_offset));
    return path[0] == '\0' ? path : path.substr(0, path.find('\0'));
}

}  // namespace kos::libos
