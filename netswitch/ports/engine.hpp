// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The switch of a network of VMMs: their Calls, and their lives. Without a kernel. No VMM makes it
// wait: a Call takes what the ring holds at its begin, and no more.
#pragma once

#include "lib/ethernet/plan.hpp"
#include "netswitch/ports/member_port.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::netswitch {

static_assert(ethernet::max_members <= max_ports);

/// Linux's values: a Call's answer.
enum class Errno : std::uint64_t { Ok = 0, AddressInUse = 98, NotConnected = 107, Invalid = 22 };

class Engine {
   public:
    struct Memory {
        MutableBytes areas;   ///< ethernet::area_size for each member
        MutableBytes queues;  ///< ethernet::queue_size for each
    };
    /// All outlive it.
    Engine(const ethernet::PlanView& plan, const Memory& memory, Host& host);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// A Call of the VMM that is \p member of the plan.
    [[nodiscard]] Errno call(std::uint32_t member, ethernet::Call call);
    /// Its VMM has ended, or has started: what waits for it is gone until it attaches.
    void detach(std::uint32_t member);

    [[nodiscard]] const PortMetrics& metrics(std::uint32_t member) const {
        return ports_[member]->metrics();
    }

   private:
    Errno attach(std::uint32_t member);
    Errno kick(std::uint32_t member);

    ethernet::PlanView plan_;
    Host& host_;
    Switch switch_;
    std::array<std::optional<MemberPort>, ethernet::max_members> ports_;
    std::array<bool, ethernet::max_members> is_attached_{};
    /// The packet on its way.
    alignas(8) std::array<std::byte, ethernet::largest_packet> packet_{};
};

}  // namespace kos::netswitch
