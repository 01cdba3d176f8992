// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Random bytes: the ChaCha20 key stream (RFC 8439, §2.3 and §2.4) under a key that each request
// replaces, so that earlier output does not follow from a later state.
#pragma once

#include "lib/base/bytes.hpp"
#include "libos/core/lock.hpp"

#include <array>
#include <cstdint>

namespace kos::libos {

using ChaChaKey = std::array<std::uint8_t, 32>;
using ChaChaNonce = std::array<std::uint8_t, 12>;
using ChaChaBlock = std::array<std::uint8_t, 64>;

/// The ChaCha20 block function.
[[nodiscard]] ChaChaBlock chacha20_block(const ChaChaKey& key, std::uint32_t counter,
                                         const ChaChaNonce& nonce);

class Random {
   public:
    explicit Random(const ChaChaKey& seed) : key_(seed) {}

    void fill(MutableBytes bytes);

   private:
    Lock lock_;
    ChaChaKey key_;
    std::uint32_t counter_ = 0;
};

}  // namespace kos::libos
