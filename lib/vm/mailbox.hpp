// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A page of a VMM's into which the root server puts what the host has for it, one piece at a time:
// the payload of a ToGuest frame (lib/msg/guest_stream.hpp). The VMM's notification is signalled
// when one has come.
//
//   root server: size is 0 ─► bytes, then size ─► signal       VMM: size is not 0 ─► takes the
//   bytes,
//                                                                   then size = 0
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace kos::vm {

struct Mailbox {
    static constexpr std::size_t capacity = page_size - 8;

    std::atomic<std::uint32_t> size;        // 0x000: of what waits; 0: nothing
    std::uint32_t reserved;                 // 0x004
    std::array<std::byte, capacity> bytes;  // 0x008

    /// False where the last piece has not been taken yet, or \p piece does not fit.
    [[nodiscard]] bool put(Bytes piece) {
        if (size.load(std::memory_order_acquire) != 0 || piece.size() > capacity) return false;
        std::copy(piece.begin(), piece.end(), bytes.begin());
        size.store(static_cast<std::uint32_t>(piece.size()), std::memory_order_release);
        return true;
    }

    /// Calls use(bytes) with what waits, if anything does, and makes room for the next piece.
    template <class Use>
    void take(Use use) {
        const std::uint32_t waits = size.load(std::memory_order_acquire);
        if (waits == 0) return;
        use(Bytes{bytes}.first(std::min<std::size_t>(waits, capacity)));
        size.store(0, std::memory_order_release);
    }
};
static_assert(sizeof(Mailbox) == page_size && std::atomic<std::uint32_t>::is_always_lock_free);

}  // namespace kos::vm
