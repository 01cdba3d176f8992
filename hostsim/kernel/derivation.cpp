// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/derivation.hpp"

#include "hostsim/kernel/sizes.hpp"

#include <utility>

namespace kos::sim {

namespace {

bool has_badge(const Capability& cap) {
    return cap.kind == CapKind::Endpoint || cap.kind == CapKind::Notification;
}

bool is_parent_of(const Slot& parent, const Slot& child) {
    if (!parent.revocable || !same_region(parent.cap, child.cap)) return false;
    if (!has_badge(parent.cap) || parent.cap.word == 0) return true;
    return parent.cap.word == child.cap.word && !child.first_badged;
}

void set_neighbours(Slot& slot) {
    if (slot.previous != nullptr) slot.previous->next = &slot;
    if (slot.next != nullptr) slot.next->previous = &slot;
}

void link_behind(Slot& slot, Slot& predecessor) {
    slot.previous = &predecessor;
    slot.next = predecessor.next;
    set_neighbours(slot);
}

/// A copy of an untyped uses the same memory: nothing more is made from the original.
void fill_copied_untyped(const Capability& copy, Slot& source) {
    Capability& cap = source.cap;
    if (cap.kind == CapKind::Untyped && copy.kind == CapKind::Untyped &&
        cap.address == copy.address && cap.size_bits == copy.size_bits) {
        cap.word = Word{1} << cap.size_bits;
    }
}

}  // namespace

Result<Capability, InvocationError> derive(const Slot& slot, const Capability& cap) {
    switch (cap.kind) {
        case CapKind::Zombie:
        case CapKind::IrqControl:
            return Capability{};
        case CapKind::Untyped:
            KOS_TRY(ensure_no_children(slot));
            return cap;
        case CapKind::VSpace:
        case CapKind::PageTable:
            if (!cap.is_mapped) return Err{illegal_operation()};
            return cap;
        case CapKind::Frame: {
            Capability copy = cap;
            copy.asid = 0;
            return copy;
        }
        default:
            return cap;
    }
}

bool has_children(const Slot& slot) {
    return slot.next != nullptr && is_parent_of(slot, *slot.next);
}

bool is_final(const Slot& slot) {
    if (slot.previous != nullptr && same_object(slot.previous->cap, slot.cap)) return false;
    return slot.next == nullptr || !same_object(slot.cap, slot.next->cap);
}

bool takes_long_to_delete(const Slot& slot) {
    switch (slot.cap.kind) {
        case CapKind::Thread:
        case CapKind::Zombie:
        case CapKind::CNode:
            return is_final(slot);
        default:
            return false;
    }
}

Invoked ensure_empty(const Slot& slot) {
    if (!slot.cap.is_null()) return Err{delete_first()};
    return {};
}

Invoked ensure_no_children(const Slot& slot) {
    if (has_children(slot)) return Err{revoke_first()};
    return {};
}

void insert_cap(Capability cap, Slot& source, Slot& destination) {
    const bool revocable = is_revocable(cap, source.cap);
    fill_copied_untyped(cap, source);
    destination.cap = cap;
    destination.revocable = destination.first_badged = revocable;
    link_behind(destination, source);
}

void insert_new_cap(Capability cap, Slot& parent, Slot& destination) {
    destination.cap = cap;
    destination.revocable = destination.first_badged = true;
    link_behind(destination, parent);
}

void move_cap(Capability cap, Slot& source, Slot& destination) {
    destination = std::exchange(source, Slot{});
    destination.cap = cap;
    set_neighbours(destination);
}

void swap_caps(Capability first_cap, Slot& first, Capability second_cap, Slot& second) {
    // One after the other, so that neighbours of each other come out right.
    std::swap(first, second);
    first.cap = second_cap;
    second.cap = first_cap;
    if (first.previous == &first) first.previous = &second;
    if (first.next == &first) first.next = &second;
    if (second.previous == &second) second.previous = &first;
    if (second.next == &second) second.next = &first;
    set_neighbours(first);
    set_neighbours(second);
}

}  // namespace kos::sim
