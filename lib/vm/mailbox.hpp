// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A page of a VMM's into which the root server puts what the host has for it, one piece at a time:
// the payload of a ToGuest frame (lib/msg/guest_stream.hpp). The VMM's notification is signalled
// when one has come.
//
//   root server: size is 0 ─► bytes, then size ─► signal
//                size is not 0 ─► is_waited_for; size once more
//   VMM:         size is not 0 ─► takes the bytes, then size = 0 ─► was it waited for?
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace kos::vm {

/// \p Atomic: std::atomic, but in a test that looks at what happens between two accesses.
template <template <class> class Atomic>
struct BasicMailbox {
    static constexpr std::size_t capacity = page_size - 8;

    Atomic<std::uint32_t> size;             // 0x000: of what waits; 0: nothing
    Atomic<std::uint32_t> is_waited_for;    // 0x004: there was no room for another piece
    std::array<std::byte, capacity> bytes;  // 0x008

    /// False where the last piece has not been taken yet, or \p piece does not fit.
    [[nodiscard]] bool put(Bytes piece) {
        if (piece.size() > capacity) return false;
        if (size != 0) {
            // First the wish, then another look: no room goes unnoticed.
            is_waited_for = 1;
            if (size != 0) return false;
            is_waited_for = 0;
        }
        std::copy(piece.begin(), piece.end(), bytes.begin());
        size = static_cast<std::uint32_t>(piece.size());
        return true;
    }

    /// Calls use(bytes) with what waits, if anything does, and makes room for the next piece;
    /// whether that is waited for.
    template <class Use>
    [[nodiscard]] bool take(Use use) {
        const std::uint32_t waits = size;
        if (waits == 0) return false;
        use(Bytes{bytes}.first(std::min<std::size_t>(waits, capacity)));
        size = 0;
        return is_waited_for.exchange(0) != 0;
    }
};
using Mailbox = BasicMailbox<std::atomic>;
static_assert(sizeof(Mailbox) == page_size && std::atomic<std::uint32_t>::is_always_lock_free);

}  // namespace kos::vm
