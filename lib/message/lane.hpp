// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A lane: memory that two apps share for one stream, so that its bytes go from one to the other
// without the message server (docs/adr/0012). A large page of the server's:
//
//   page 0        LaneHead: a LaneEnd for each end
//   behind it     what end 0 writes; what end 1 writes
//
// Each end writes its own tail, head, waiters and wants_room, and takes the other's waiters and
// wants_room when it tells it. Nothing in a lane is trusted: the other end may change all of it at
// any time, and by that changes which bytes come, and when, and no more. Each value is read once.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace kos::message {

struct LaneEnd {
    std::uint64_t tail;         // 0x00: bytes that this end has put
    std::uint64_t head;         // 0x08: bytes of the other end's that this one has taken
    std::uint64_t waiters;      // 0x10: bit n: thread n of this end sleeps until `changes` grows
    std::uint32_t changes;      // 0x18: the other's: counts what this end may want to know
    std::uint32_t wants_room;   // 0x1c: this end waits for room
    std::uint64_t reserved[4];  // 0x20
};
static_assert(sizeof(LaneEnd) == 0x40);

struct LaneHead {
    LaneEnd ends[2];
};

/// Most lanes of a message server.
inline constexpr std::uint32_t most_lanes = 8;
inline constexpr std::uint64_t lane_size = large_page_size;
inline constexpr std::uint64_t lane_ring_size = (lane_size - page_size) / 2;

/// One end's view of a lane.
class Lane {
   public:
    /// \p memory: lane_size bytes. \p end: 0 or 1.
    Lane(std::byte* memory, unsigned end) : memory_(memory), end_(end & 1) {}

    /// Bytes that wait to be taken; room for bytes to be put.
    [[nodiscard]] std::uint64_t pending() const;
    [[nodiscard]] std::uint64_t room() const;
    /// Copies waiting bytes, at most those that were pending(); how many. \p keeps: they stay.
    std::uint64_t take(MutableBytes bytes, bool keeps) const;
    /// Copies as many as there is room for; how many.
    std::uint64_t put(Bytes bytes) const;

    /// This end is told when there is room; whoever says so looks once more.
    void want_room() const;
    /// Whether the other end is to be told of room, which it then is.
    [[nodiscard]] bool is_room_wanted() const;

    /// What the other end has told this one, counted.
    [[nodiscard]] std::uint32_t changes() const;
    /// The thread of this end is to be signalled at the next change.
    void arm(std::uint64_t thread) const;
    /// Counts a change for the other end; its threads that are to be signalled: bit n is thread n.
    [[nodiscard]] std::uint64_t tell() const;
    /// Those that still are, without a change.
    [[nodiscard]] std::uint64_t take_waiters() const;
    /// They have not been signalled after all.
    void give_back_waiters(std::uint64_t threads) const;

   private:
    [[nodiscard]] LaneEnd& own() const { return head().ends[end_]; }
    [[nodiscard]] LaneEnd& other() const { return head().ends[1 - end_]; }
    [[nodiscard]] LaneHead& head() const { return *reinterpret_cast<LaneHead*>(memory_); }
    [[nodiscard]] std::byte* ring(unsigned end) const {
        return memory_ + page_size + end * lane_ring_size;
    }

    std::byte* memory_;
    unsigned end_;
};

}  // namespace kos::message
