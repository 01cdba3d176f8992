// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/rng/entropy.hpp"

namespace kos::virtio {

Result<void, DriverError> Entropy::process(unsigned index) {
    return drain(index, [this, index](Chain& chain) -> Result<void, DriverError> {
        // Section 5.4.6.1: the driver gives buffers to write only.
        if (!chain.readable().empty()) return Err{RequestError::Direction};
        const std::uint64_t written =
            chain.writable().each(max_request, [this](MutableBytes part) { source_.fill(part); });
        own_queue(index).push(chain, written);
        return {};
    });
}

}  // namespace kos::virtio
