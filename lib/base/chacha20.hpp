// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The ChaCha20 block function: RFC 8439, §2.3.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace kos {

using ChaChaKey = std::array<std::uint8_t, 32>;
using ChaChaNonce = std::array<std::uint8_t, 12>;
using ChaChaBlock = std::array<std::uint8_t, 64>;

namespace detail {

using ChaChaState = std::array<std::uint32_t, 16>;

constexpr void chacha_quarter_round(ChaChaState& state, std::size_t a, std::size_t b, std::size_t c,
                                    std::size_t d) {
    const auto step = [&](std::size_t to, std::size_t from, std::size_t turned, int bits) {
        state[to] += state[from];
        state[turned] = std::rotl(state[turned] ^ state[to], bits);
    };
    step(a, b, d, 16);
    step(c, d, b, 12);
    step(a, b, d, 8);
    step(c, d, b, 7);
}

template <std::size_t Size>
constexpr void chacha_load(ChaChaState& state, std::size_t first,
                           const std::array<std::uint8_t, Size>& bytes) {
    for (std::size_t i = 0; i < Size; ++i) {
        state[first + i / 4] |= std::uint32_t{bytes[i]} << (8 * (i % 4));
    }
}

}  // namespace detail

[[nodiscard]] constexpr ChaChaBlock chacha20_block(const ChaChaKey& key, std::uint32_t counter,
                                                   const ChaChaNonce& nonce) {
    detail::ChaChaState initial{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    detail::chacha_load(initial, 4, key);
    initial[12] = counter;
    detail::chacha_load(initial, 13, nonce);

    detail::ChaChaState state = initial;
    for (int double_round = 0; double_round < 10; ++double_round) {
        for (std::size_t column = 0; column < 4; ++column) {
            detail::chacha_quarter_round(state, column, column + 4, column + 8, column + 12);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            detail::chacha_quarter_round(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4,
                                         12 + (i + 3) % 4);
        }
    }
    ChaChaBlock block{};
    for (std::size_t i = 0; i < block.size(); ++i) {
        block[i] = static_cast<std::uint8_t>((state[i / 4] + initial[i / 4]) >> (8 * (i % 4)));
    }
    return block;
}

}  // namespace kos
