// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The CNode that a trace plays in, and what the program believes to be in its slots. The belief
// only steers the choice of arguments: where it is wrong, the kernel says so, on both sides alike.
#pragma once

#include "lib/sel4/types.hpp"
#include "tests/contract/program/random.hpp"

#include <array>
#include <cstdint>

namespace kos::contract {

enum class Kind : std::uint8_t {
    Empty,
    Untyped,
    CNode,
    Endpoint,
    Notification,
    Reply,
    SchedContext,
    Tcb,
    VSpace,
    PageTable,
    Page,
    LargePage,
    AsidPool,
    AsidControl,
    SchedControl,
    DeviceUntyped,
    DevicePage,
    IrqHandler,
    Vcpu,
    GuestTcb,
    Domain,
};

/// `origin` is the untyped that `object` was made from.
struct Contents {
    /// Of what the stage was set with.
    static constexpr std::uint16_t props = 0xffff;

    Kind kind = Kind::Empty;
    std::uint16_t object = 0;
    std::uint16_t origin = 0;

    [[nodiscard]] bool is_prop() const { return kind != Kind::Empty && origin == props; }
};

/// What stands in the playground when a trace begins, by slot.
namespace prop {
inline constexpr sel4::Word small_untyped = 1, large_untyped = 2, tiny_untyped = 3,
                            self_by_cptr = 4, self = 5, endpoint = 6, notification = 8, reply = 10,
                            sched_context = 12, tcb = 14, vspace = 16, loose_vspace = 17,
                            page_table = 18, page = 20, cnode = 23, asid_pool = 24,
                            sched_control = 25, asid_control = 26, root_vspace = 27, actor = 28,
                            device_untyped = 29, irq_handler = 30, vcpu = 31, guest_tcb = 32,
                            domain = 33;
}  // namespace prop

class Playground {
   public:
    static constexpr unsigned bits = 6;
    static constexpr sel4::Word slots = 1u << bits;
    /// Of the CNode within it.
    static constexpr unsigned inner_bits = 4;

    [[nodiscard]] const Contents& at(sel4::Word slot) const { return contents_[slot % slots]; }
    void put(sel4::Word slot, Contents contents) { contents_[slot % slots] = contents; }
    /// \p count new objects of \p kind made from \p origin.
    void make(sel4::Word first, sel4::Word count, Kind kind, std::uint16_t origin);
    void forget_made_from(std::uint16_t object);

    /// A slot believed to hold a \p kind, or any slot where there is none.
    sel4::Word find(Random& random, Kind kind) const;

   private:
    std::array<Contents, slots> contents_{};
    std::uint16_t last_object_ = 0;
};

}  // namespace kos::contract
