// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// CNodes.
#include "tests/contract/program/generator.hpp"

namespace kos::contract {

using sel4::Invocation;

void Generator::copy_or_mint() {
    const Word slot = random_.below(Playground::slots);
    const Place from = place(slot), to = place(empty_slot());
    const Word rights = choose({15, 15, 3, 1, 2, 0, 8, 4, 16, ~Word{0}});
    if (random_.percent(50)) {
        invoke(Invocation::CNodeCopy, to.root, {to.index, to.depth, from.index, from.depth, rights},
               {from.root});
    } else {
        const bool is_cnode = playground_.at(slot).kind == Kind::CNode;
        const Word data = is_cnode ? guard() : any_badge();
        invoke(Invocation::CNodeMint, to.root,
               {to.index, to.depth, from.index, from.depth, rights, data}, {from.root});
    }
    if (to.slot != 0) effect_ = {Effect::What::Copy, to.slot, from.slot, 0, 0, {}};
}

void Generator::move_or_mutate() {
    const Word slot = random_.below(Playground::slots);
    const Place from = place(slot), to = place(empty_slot());
    if (random_.percent(60)) {
        invoke(Invocation::CNodeMove, to.root, {to.index, to.depth, from.index, from.depth},
               {from.root});
    } else {
        const bool is_cnode = playground_.at(slot).kind == Kind::CNode;
        invoke(Invocation::CNodeMutate, to.root,
               {to.index, to.depth, from.index, from.depth, is_cnode ? guard() : any_badge()},
               {from.root});
    }
    if (to.slot != 0 && from.slot != 0) {
        effect_ = {Effect::What::Move, to.slot, from.slot, 0, 0, {}};
    }
}

void Generator::rotate() {
    const Place from = place(random_.below(Playground::slots));
    const Place pivot = place(random_.below(Playground::slots));
    const Place to = random_.percent(20) ? from : place(empty_slot());
    invoke(Invocation::CNodeRotate, to.root,
           {to.index, to.depth, choose({0, 0, 1, 2}), pivot.index, pivot.depth,
            choose({0, 0, 1, 2}), from.index, from.depth},
           {pivot.root, from.root});
    if (to.slot != 0 && pivot.slot != 0 && from.slot != 0) {
        effect_ = {Effect::What::Rotate, to.slot, from.slot, pivot.slot, 0, {}};
    }
}

void Generator::delete_or_revoke() {
    // The untypeds and the ways into the playground are spared mostly: without them little works.
    Word slot = random_.below(Playground::slots);
    if (slot <= prop::self && random_.percent(80)) slot += prop::reply;
    const Place victim = place(slot);
    const std::uint64_t roll = random_.below(100);
    if (roll < 60) {
        invoke(Invocation::CNodeDelete, victim.root, {victim.index, victim.depth}, {});
        if (victim.slot != 0) effect_ = {Effect::What::Delete, 0, victim.slot, 0, 0, {}};
    } else if (roll < 85) {
        invoke(Invocation::CNodeRevoke, victim.root, {victim.index, victim.depth}, {});
        if (victim.slot != 0) effect_ = {Effect::What::Revoke, 0, victim.slot, 0, 0, {}};
    } else {
        const Place endpoint = place(cap(Kind::Endpoint));
        invoke(Invocation::CNodeCancelBadgedSends, endpoint.root, {endpoint.index, endpoint.depth},
               {});
    }
}

}  // namespace kos::contract
