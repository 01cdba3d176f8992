// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Packets that wait, oldest first, each in one piece: a ring of records.
//
//   | size, sender | packet … | size, sender | packet … |      | wrap |
//     ^ head                                               ^ tail
#pragma once

#include "lib/base/bytes.hpp"
#include "netswitch/core/forwarding.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::netswitch {

class PacketQueue {
   public:
    /// \p storage outlives the queue. None: nothing ever fits.
    explicit PacketQueue(MutableBytes storage)
        : storage_(storage.first(storage.size() / alignment * alignment)) {}

    /// Whether there was room for \p packet in the share of \p sender: it may have no more than is
    /// free, so that many senders share the room evenly.
    [[nodiscard]] bool push(unsigned sender, Bytes packet);
    [[nodiscard]] bool empty() const { return used_ == 0; }
    /// The oldest; the queue is not empty.
    [[nodiscard]] Bytes front() const;
    void pop();
    void clear();
    /// Bytes, with those that packets do not use.
    [[nodiscard]] std::size_t used() const { return used_; }

   private:
    static constexpr std::size_t alignment = 8;
    struct Record {
        std::uint32_t size;  ///< of the packet; `wrap`: go on at the start
        std::uint32_t sender;
    };
    static constexpr std::uint32_t wrap = 0xffff'ffff;
    static_assert(sizeof(Record) == alignment);

    /// Of a packet with its record.
    static std::size_t place_for(std::size_t size) {
        return sizeof(Record) + (size + alignment - 1) / alignment * alignment;
    }
    [[nodiscard]] Record record_at(std::size_t place) const;
    void write(std::size_t place, Record record);
    /// Where the oldest record is.
    [[nodiscard]] std::size_t head() const;

    MutableBytes storage_;
    std::size_t head_ = 0, tail_ = 0, used_ = 0;
    std::array<std::size_t, max_ports> used_by_{};
};

}  // namespace kos::netswitch
