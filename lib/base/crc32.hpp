// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// CRC-32 (IEEE 802.3, reflected, polynomial 0xEDB88320), as in gzip and zlib's crc32().
#pragma once

#include "lib/base/bytes.hpp"

#include <array>
#include <cstdint>

namespace kos {

namespace detail {
constexpr std::array<std::uint32_t, 256> crc32_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320u : 0);
        }
        table[i] = value;
    }
    return table;
}();
}  // namespace detail

/// The checksum of `bytes`; `previous` is that of the bytes before them.
[[nodiscard]] constexpr std::uint32_t crc32(Bytes bytes, std::uint32_t previous = 0) {
    std::uint32_t value = ~previous;
    for (const std::byte byte : bytes) {
        value =
            detail::crc32_table[(value ^ static_cast<std::uint32_t>(byte)) & 0xff] ^ (value >> 8);
    }
    return ~value;
}

}  // namespace kos
