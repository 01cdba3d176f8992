// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A port at whose other end is a VMM, through memory shared with it (lib/ethernet/area.hpp).
#pragma once

#include "lib/ethernet/ring.hpp"
#include "netswitch/core/switch.hpp"
#include "netswitch/ports/host.hpp"

#include <cstdint>

namespace kos::netswitch {

class MemberPort final : public Port {
   public:
    struct Memory {
        MutableBytes area;   ///< ethernet::area_size, shared with the VMM
        MutableBytes queue;  ///< for packets that wait
    };
    /// All outlive the port. \p number: the VMM's among those of the network.
    MemberPort(const Memory& memory, Host& host, std::uint32_t number);

    /// Both rings are empty, as for a VMM that has just started.
    void reset();
    /// Calls use(packet) with each packet that the VMM has put by now, none of which it can change
    /// any more. False where it put what can be no packet. \p buffer: of largest_packet bytes.
    template <class Use>
    [[nodiscard]] bool drain(MutableBytes buffer, Use use) {
        const std::uint32_t tail = ethernet::load(board().from_tail);
        for (;;) {
            const ethernet::Next next = reader_.next(tail);
            if (next != ethernet::Next::Packet) return next == ethernet::Next::None;
            const Bytes packet = reader_.copy(buffer);
            reader_.pop();
            ethernet::store(board().from_head, reader_.head());
            use(packet);
        }
    }
    /// The VMM need not call once it has made room.
    void nothing_waits() { ethernet::store(board().kick_after_read, 0); }

   private:
    [[nodiscard]] ethernet::Board& board() const {
        return *reinterpret_cast<ethernet::Board*>(area_.data());
    }
    [[nodiscard]] bool has_room(std::uint32_t size) const {
        return writer_.fits(size, ethernet::load(board().to_head));
    }
    Taking take(Bytes packet) override;

    MutableBytes area_;
    Host& host_;
    std::uint32_t number_;
    ethernet::RingWriter writer_;
    ethernet::RingReader reader_;
};

}  // namespace kos::netswitch
