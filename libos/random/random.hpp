// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Random bytes: the ChaCha20 key stream (RFC 8439, §2.3 and §2.4) under a key that each request
// replaces, so that earlier output does not follow from a later state.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/chacha20.hpp"
#include "libos/core/lock.hpp"

#include <cstdint>

namespace kos::libos {

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
