// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: a network's switch with its memory, and a VMM's end of a port.
#pragma once

#include "lib/ethernet/plan_builder.hpp"
#include "netswitch/core/testing.hpp"
#include "netswitch/ports/engine.hpp"

#include <string>
#include <vector>

namespace kos::netswitch::testing {

/// Its members have the addresses address(0), address(1)…
class TestNetwork final : public Host {
   public:
    explicit TestNetwork(unsigned members)
        : plan_(plan_of(members)),
          areas_(members * ethernet::area_size / sizeof(std::uint64_t)),
          queues_(members * ethernet::queue_size),
          woken(members),
          broken(members) {}

    [[nodiscard]] std::byte* area(std::uint32_t member) {
        return std::as_writable_bytes(std::span{areas_}).data() + member * ethernet::area_size;
    }
    [[nodiscard]] ethernet::Board& board(std::uint32_t member) {
        return *reinterpret_cast<ethernet::Board*>(area(member));
    }

    void wake(std::uint32_t member) override { ++woken[member]; }
    void broke(std::uint32_t member) override { ++broken[member]; }

   private:
    static std::vector<std::byte> plan_of(unsigned members) {
        std::vector<ethernet::Member> list;
        for (unsigned m = 0; m < members; ++m) {
            list.push_back({.app = m, .name = std::to_string(m), .mac = address(m)});
        }
        return ethernet::make_plan(list);
    }

    std::vector<std::byte> plan_;
    std::vector<std::uint64_t> areas_;  ///< aligned
    std::vector<std::byte> queues_;

   public:
    std::vector<int> woken, broken;
    Engine engine{*ethernet::PlanView::create(plan_),
                  {std::as_writable_bytes(std::span{areas_}), queues_},
                  *this};
};

/// A VMM that keeps to the rules, in the least of code.
class TestMember {
   public:
    TestMember(TestNetwork& network, std::uint32_t number)
        : network_(network),
          number_(number),
          writer_(network.area(number) + ethernet::from_ring_offset),
          reader_(network.area(number) + ethernet::to_ring_offset) {}

    Errno attach() {
        writer_ = ethernet::RingWriter{network_.area(number_) + ethernet::from_ring_offset};
        reader_ = ethernet::RingReader{network_.area(number_) + ethernet::to_ring_offset};
        return network_.engine.call(number_, ethernet::Call::Attach);
    }
    Errno kick() { return network_.engine.call(number_, ethernet::Call::Kick); }
    /// Puts a packet; it is looked at with the next kick(). False where there is no room.
    bool put(Bytes packet) {
        const auto size = static_cast<std::uint32_t>(packet.size());
        if (!writer_.fits(size, network_.board(number_).from_head)) return false;
        writer_.begin(size);
        writer_.add(packet);
        writer_.end();
        network_.board(number_).from_tail = writer_.tail();
        return true;
    }
    Errno send(const MacAddress& to, std::string_view content) {
        if (!put(packet(to, address(number_), content))) return Errno::Invalid;
        return kick();
    }
    /// What came, packet after packet, without heads; makes room.
    std::vector<std::string> receive() {
        std::vector<std::string> all;
        std::vector<std::byte> buffer(ethernet::largest_packet);
        while (reader_.next(network_.board(number_).to_tail) == ethernet::Next::Packet) {
            const Bytes whole = reader_.packet(buffer);
            all.emplace_back(as_text(whole.subspan(packet_head + sizeof(FrameHeader))));
            reader_.pop();
        }
        network_.board(number_).to_head = reader_.head();
        return all;
    }
    [[nodiscard]] bool is_to_kick() const { return network_.board(number_).kick_after_read != 0; }

   private:
    TestNetwork& network_;
    std::uint32_t number_;
    ethernet::RingWriter writer_;
    ethernet::RingReader reader_;
};

}  // namespace kos::netswitch::testing
