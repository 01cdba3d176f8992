// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Deleting capabilities. The last one of an object ends the object. That of a CNode or thread
// becomes a zombie first, whose slots are emptied one by one from the end; a slot that holds
// another zombie changes places with the one that is being deleted.
#include "hostsim/kernel/cnode.hpp"
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/finalise.hpp"
#include "hostsim/kernel/thread.hpp"

namespace kos::sim {

namespace {

struct Finalised {
    bool removable;  ///< the slot can be emptied
    bool frees_irq;
};

Finalised finalise_slot(State& state, Slot& slot, bool exposed);

std::span<Slot> slots_of(const Capability& zombie) {
    if (zombie.object->kind == ObjectKind::Thread) return zombie.as<Thread>()->slots;
    return zombie.as<CNode>()->slots();
}

/// Nothing, or a zombie whose only slot left is the one it lies in.
bool is_removable(const Capability& remainder, const Slot& slot) {
    if (remainder.is_null()) return true;
    return remainder.word == 0 || (remainder.word == 1 && slots_of(remainder).data() == &slot);
}

bool holds_itself(const Slot& slot) {
    return slot.cap.kind == CapKind::Zombie && slots_of(slot.cap).data() == &slot;
}

void empty_slot(State& state, Slot& slot, bool frees_irq) {
    if (slot.cap.is_null()) return;
    const Word irq = slot.cap.word;
    if (slot.previous != nullptr) slot.previous->next = slot.next;
    if (slot.next != nullptr) {
        slot.next->previous = slot.previous;
        slot.next->first_badged |= slot.first_badged;
    }
    slot = Slot{};
    if (frees_irq) release_irq(state, irq);
}

void delete_slot(State& state, Slot& slot, bool exposed) {
    const Finalised finalised = finalise_slot(state, slot, exposed);
    if (exposed || finalised.removable) empty_slot(state, slot, finalised.frees_irq);
}

/// Takes one slot off the zombie in `slot`.
void reduce_zombie(State& state, Slot& slot, bool exposed) {
    const Capability zombie = slot.cap;
    const std::span<Slot> slots = slots_of(zombie);
    if (!exposed) {
        swap_caps(slots[0].cap, slots[0], slot.cap, slot);
        return;
    }
    delete_slot(state, slots[zombie.word - 1], false);
    const bool unchanged = slot.cap.kind == CapKind::Zombie && slot.cap.object == zombie.object &&
                           slot.cap.word == zombie.word;
    if (unchanged) --slot.cap.word;
}

Finalised finalise_slot(State& state, Slot& slot, bool exposed) {
    while (!slot.cap.is_null()) {
        const Remainder left = finalise(state, slot.cap, is_final(slot));
        if (is_removable(left.cap, slot)) {
            if (slot.cap.kind == CapKind::Zombie) end_object(state, slot.cap.object);
            return {true, left.frees_irq};
        }
        slot.cap = left.cap;
        if (!exposed && holds_itself(slot)) return {false, false};
        reduce_zombie(state, slot, exposed);
    }
    return {true, false};
}

}  // namespace

void delete_cap(State& state, Slot& slot) { delete_slot(state, slot, true); }

void revoke(State& state, Slot& slot) {
    while (has_children(slot)) delete_cap(state, *slot.next);
}

}  // namespace kos::sim
