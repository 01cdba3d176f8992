// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/root_cspace.hpp"

namespace kos::rootserver {

namespace {

constexpr sel4::Word guard_of(unsigned cnode_bits) {
    return sel4::cnode_guard(0, RootCSpace::second_level_bits - cnode_bits);
}

}  // namespace

Attempt<RootCSpace> RootCSpace::create(RootMemory& memory, unsigned root_cnode_bits) {
    const sel4::CPtr top = KOS_TRY(
        memory.make(sel4::ObjectType::CNode, top_bits, {"the root server's top-level CNode"}));
    RootCSpace cspace{sel4::Cap<sel4::CNode>{top}};

    const sel4::Slot kernel_made{sel4::Cap<sel4::CNode>{sel4::root_slot::cnode},
                                 sel4::root_slot::cnode.value};
    KOS_TRY(about({"the CNode that the kernel made"},
                  sel4::cnode_mint(cspace.top_level_slot(top_slot::kernel_made), kernel_made,
                                   sel4::all_rights, guard_of(root_cnode_bits))));
    const sel4::ThreadSpaces spaces{cspace.top_, root_guard(),
                                    sel4::Cap<sel4::VSpace>{sel4::root_slot::vspace}};
    KOS_TRY(about({"the root server's CSpace"},
                  sel4::tcb_set_space(sel4::Cap<sel4::Tcb>{sel4::root_slot::tcb}, {}, spaces)));
    return cspace;
}

Attempt<> RootCSpace::attach(sel4::CPtr source, unsigned bits, std::uint64_t top_slot) {
    return about({"the top-level slot", top_slot},
                 sel4::cnode_mutate(top_level_slot(top_slot), slot(source), guard_of(bits)));
}

}  // namespace kos::rootserver
