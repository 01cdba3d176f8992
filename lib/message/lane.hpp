// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A lane: memory that two apps share for one stream, or for the messages of one token, so that they
// go from one to the other without the message server (docs/adr/0012, 0016). A large page of the
// server's:
//
//   page 0        LaneHead: a LaneEnd for each end
//   behind it     what end 0 writes; what end 1 writes: bytes, or records:
//                 u32 size | u32 kind | size bytes, filled up to a multiple of 8
//
// Each end writes its own tail, head, waiters and wants_room, and takes the other's waiters and
// wants_room when it tells it. Nothing in a lane is trusted: the other end may change all of it at
// any time, and by that changes which bytes come, and when, and no more. Each value is read once.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/message/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

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

enum class RecordKind : std::uint32_t {
    Message = 0,  ///< its bytes
    Ticket = 1,   ///< of a stream that the writer has opened
};
struct RecordHead {
    std::uint32_t size;  // 0
    std::uint32_t kind;  // 4
};
static_assert(sizeof(RecordHead) == 8);
/// What a record of that many bytes takes of a ring.
[[nodiscard]] constexpr std::uint64_t record_size(std::uint64_t bytes) {
    return sizeof(RecordHead) + (bytes + 7) / 8 * 8;
}
inline constexpr std::uint64_t longest_record = record_size(longest_message);

/// A record that waits: what its head said when it was read, which nobody can change any more.
struct Record {
    RecordKind kind;
    std::uint32_t size;
    std::uint64_t position;
};

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

    /// The next record, whose bytes are all there; nothing where there is none. Where the other end
    /// has written what is none, all that waits is thrown away.
    [[nodiscard]] std::optional<Record> next_record() const;
    /// Copies its first bytes, as many as there are or \p bytes takes.
    void copy_record(const Record& record, MutableBytes bytes) const;
    void drop_record(const Record& record) const;
    /// The whole record, or nothing where there is no room for it: false.
    [[nodiscard]] bool put_record(RecordKind kind, Bytes bytes) const;

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
    /// What lies there, which has place for it: the one way from a lane's memory to objects.
    template <class Object>
    [[nodiscard]] static Object& object_at(std::byte* place) {
        return *reinterpret_cast<Object*>(place);
    }
    [[nodiscard]] LaneEnd& own() const { return head().ends[end_]; }
    [[nodiscard]] LaneEnd& other() const { return head().ends[1 - end_]; }
    [[nodiscard]] LaneHead& head() const { return object_at<LaneHead>(memory_); }
    [[nodiscard]] std::byte* ring(unsigned end) const {
        return memory_ + page_size + end * lane_ring_size;
    }
    [[nodiscard]] RecordHead record_head_at(std::uint64_t position) const;
    void copy_in(std::uint64_t position, Bytes bytes) const;
    void copy_out(std::uint64_t position, MutableBytes bytes) const;

    std::byte* memory_;
    unsigned end_;
};

}  // namespace kos::message
