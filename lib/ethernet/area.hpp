// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The memory that a VMM shares with the switch of a network that its guest is on: a board, then a
// ring of packets each way (ring.hpp). A VMM has its areas where a native app has those of its
// message servers, behind them (lib/message/layout.hpp).
//
//   page 0        Board
//   behind it     ring to the VMM, ring from the VMM
//
//   VMM: puts packets, moves `from_tail`, Call::Kick      switch: takes them, moves `from_head`
//   switch: puts packets, moves `to_tail`, and signals    VMM: takes them, moves `to_head`;
//           where `wants_signal`                               Call::Kick where `kick_after_read`
//
// The switch keeps its own positions in memory of its own and checks a VMM's: a VMM that forges its
// own loses its port until it attaches anew. A packet is 12 bytes of virtio's NetHeader and a
// frame.
#pragma once

#include "lib/base/address.hpp"
#include "lib/message/area.hpp"

#include <cstddef>
#include <cstdint>

namespace kos::ethernet {

inline constexpr std::uint32_t ring_size = 128 << 10;  ///< a power of two
static_assert((ring_size & (ring_size - 1)) == 0);

/// Of a packet: its head, a frame of Ethernet with segmentation of TCP left to do.
inline constexpr std::uint32_t largest_packet = 12 + 65536 + 14 + 4;

struct Board {
    std::uint32_t to_tail;          // 0x00: switch's: bytes put for the VMM, modulo 2^32
    std::uint32_t to_head;          // 0x04: VMM's: bytes that it has taken
    std::uint32_t from_tail;        // 0x08: VMM's: bytes that it has put
    std::uint32_t from_head;        // 0x0c: switch's: bytes taken from the VMM
    std::uint32_t wants_signal;     // 0x10: the VMM sets it before it sleeps, the switch takes it
    std::uint32_t kick_after_read;  // 0x14: switch's: more waits, for which there was no room
};
static_assert(sizeof(Board) == 0x18 && sizeof(Board) <= page_size);

inline constexpr std::uint64_t to_ring_offset = page_size;
inline constexpr std::uint64_t from_ring_offset = page_size + ring_size;
inline constexpr std::uint64_t area_size = page_size + std::uint64_t{2} * ring_size;
// The root server lends areas of one size.
static_assert(area_size == message::area_size);

/// What a switch keeps of each VMM in memory of its own: packets that wait for room in the ring.
inline constexpr std::uint64_t queue_size = 256 << 10;

/// What a VMM asks of the switch: Calls on its endpoint there, the label one of these. The answer's
/// label is 0, or a Linux errno.
enum class Call : std::uint64_t {
    /// The VMM has started: its port is new, both rings are empty.
    Attach = 1,
    /// It has put packets, or made room. ENOTCONN: it has not attached, or has broken the rules.
    Kick = 2,
};

// Positions and flags that both sides see.
[[nodiscard]] inline std::uint32_t load(const std::uint32_t& field) {
    return __atomic_load_n(&field, __ATOMIC_SEQ_CST);
}
inline void store(std::uint32_t& field, std::uint32_t value) {
    __atomic_store_n(&field, value, __ATOMIC_SEQ_CST);
}

}  // namespace kos::ethernet
