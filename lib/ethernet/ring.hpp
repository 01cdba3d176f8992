// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A ring of packets, as its writer and as its reader have it. Positions count bytes and wrap at
// 2^32. The other side may put anything into the ring, and at any time.
//
//   | size, 0 | packet, padded | size, 0 | packet … |
//     ^ head                                          ^ tail; packets may go round the ring's end
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/ethernet/area.hpp"

#include <cstdint>

namespace kos::ethernet {

/// Before each packet. Such heads never go round the end.
struct RecordHead {
    std::uint32_t size;
    std::uint32_t reserved;
};
static_assert(sizeof(RecordHead) == 8);

/// Bytes that a packet of \p size takes in a ring.
[[nodiscard]] constexpr std::uint32_t place_for(std::uint32_t size) {
    constexpr std::uint32_t alignment = sizeof(RecordHead);
    return alignment + (size + alignment - 1) / alignment * alignment;
}
static_assert(place_for(largest_packet) <= ring_size);

class RingWriter {
   public:
    /// \p ring: ring_size bytes, which outlive this.
    explicit RingWriter(std::byte* ring) : ring_(ring) {}

    /// Whether there is room, the reader being at \p head.
    [[nodiscard]] bool fits(std::uint32_t size, std::uint32_t head) const;
    /// A packet of \p size bytes, at most largest_packet, for which there is room: add() its parts,
    /// then end().
    void begin(std::uint32_t size);
    void add(Bytes part);
    void end() { tail_ = next_tail_; }
    /// What the reader is to be told.
    [[nodiscard]] std::uint32_t tail() const { return tail_; }

   private:
    std::byte* ring_;
    std::uint32_t tail_ = 0, next_tail_ = 0;
    std::uint32_t at_ = 0;  ///< where the next part goes
};

enum class Next : std::uint8_t {
    None,
    Packet,
    Nonsense,  ///< no packet can lie there
};

class RingReader {
   public:
    explicit RingReader(const std::byte* ring) : ring_(ring) {}

    /// Looks at the oldest packet; the writer is at \p tail.
    [[nodiscard]] Next next(std::uint32_t tail);
    /// Of the packet that next() found: at most largest_packet.
    [[nodiscard]] std::uint32_t size() const { return size_; }
    /// Its bytes: in place, where they lie in one piece, or copied to \p buffer, which has room.
    [[nodiscard]] Bytes packet(MutableBytes buffer) const;
    /// Its bytes in \p buffer, where nobody changes them any more.
    [[nodiscard]] Bytes copy(MutableBytes buffer) const;
    void pop() { head_ += place_for(size_); }
    /// What the writer is to be told.
    [[nodiscard]] std::uint32_t head() const { return head_; }

   private:
    const std::byte* ring_;
    std::uint32_t head_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace kos::ethernet
