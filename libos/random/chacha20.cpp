// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/random/chacha20.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace kos::libos {

namespace {

using State = std::array<std::uint32_t, 16>;

void quarter_round(State& x, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    x[a] += x[b];
    x[d] = std::rotl(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = std::rotl(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = std::rotl(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = std::rotl(x[b] ^ x[c], 7);
}

void double_round(State& x) {
    for (std::size_t i = 0; i < 4; ++i) quarter_round(x, i, i + 4, i + 8, i + 12);
    for (std::size_t i = 0; i < 4; ++i) {
        quarter_round(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
}

}  // namespace

ChaChaBlock chacha20_block(const ChaChaKey& key, std::uint32_t counter, const ChaChaNonce& nonce) {
    static_assert(std::endian::native == std::endian::little);
    State state{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // "expand 32-byte k"
    std::memcpy(&state[4], key.data(), key.size());
    state[12] = counter;
    std::memcpy(&state[13], nonce.data(), nonce.size());
    State mixed = state;
    for (int i = 0; i < 10; ++i) double_round(mixed);
    for (std::size_t i = 0; i < state.size(); ++i) mixed[i] += state[i];
    return std::bit_cast<ChaChaBlock>(mixed);
}

void Random::fill(MutableBytes bytes) {
    const Locked locked(lock_);
    while (!bytes.empty()) {
        const ChaChaBlock block = chacha20_block(key_, ++counter_, {});
        const std::size_t size = std::min(bytes.size(), block.size());
        std::memcpy(bytes.data(), block.data(), size);
        bytes = bytes.subspan(size);
    }
    const ChaChaBlock next = chacha20_block(key_, 0, {});
    std::copy_n(next.begin(), key_.size(), key_.begin());
    counter_ = 0;
}

}  // namespace kos::libos
