// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/random/random.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos {

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
