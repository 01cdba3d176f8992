// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/invariants.hpp"

#include "hostsim/kernel/cnode.hpp"
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/scheduler.hpp"

#include <set>
#include <vector>

namespace kos::sim {

namespace {

std::vector<const Slot*> all_slots(const State& state) {
    std::vector<const Slot*> slots;
    for (const auto& object : state.objects.objects()) {
        if (object->kind == ObjectKind::CNode) {
            for (const Slot& slot : static_cast<const CNode&>(*object).slots()) {
                slots.push_back(&slot);
            }
        } else if (object->kind == ObjectKind::Thread) {
            for (const Slot& slot : static_cast<const Thread&>(*object).slots) {
                slots.push_back(&slot);
            }
        }
    }
    for (const InterruptLine& line : state.interrupts) slots.push_back(&line.handler);
    return slots;
}

std::string broken_link(const Slot& slot) {
    if (slot.cap.is_null()) {
        const bool linked = slot.previous != nullptr || slot.next != nullptr;
        return linked ? "an empty slot is in the derivation list" : "";
    }
    if (slot.next != nullptr && slot.next->previous != &slot) return "next is not linked back";
    if (slot.previous != nullptr && slot.previous->next != &slot) {
        return "previous is not linked back";
    }
    if (slot.cap.kind == CapKind::Zombie) return "a zombie is left";
    return "";
}

std::string broken_untyped(const Slot& slot) {
    if (slot.cap.kind != CapKind::Untyped) return "";
    const PhysicalAddress used_end = slot.cap.address + slot.cap.word;
    const Slot* child = slot.next;
    for (; child != nullptr && same_region(slot.cap, child->cap); child = child->next) {
        const PhysicalAddress end = child->cap.address + (Word{1} << memory_bits(child->cap));
        if (end > used_end) return "a child lies beyond its untyped's watermark";
    }
    return "";
}

std::string broken_thread(const State& state, const Thread& thread) {
    if (thread.queued && thread.in_release_queue) return "a thread is in two queues";
    if (thread.queued && !schedulable(thread)) return "a thread is ready that cannot run";
    if (&thread != state.current() && schedulable(thread) && !thread.queued) {
        return "a thread that can run is not ready";
    }
    const SchedContext* context = thread.sched_context;
    if (context != nullptr && context->thread != &thread) return "a context is another thread's";
    if (thread.state == ThreadState::BlockedOnReply && thread.reply->thread != &thread) {
        return "a reply object does not know its caller";
    }
    return "";
}

}  // namespace

std::string broken_invariant(const State& state) {
    std::set<const Object*> alive, named;
    for (const auto& object : state.objects.objects()) alive.insert(object.get());
    named.insert(state.scheduler.idle_thread);
    named.insert(state.scheduler.idle_thread->sched_context);
    for (const Slot* slot : all_slots(state)) {
        for (const std::string& broken : {broken_link(*slot), broken_untyped(*slot)}) {
            if (!broken.empty()) return broken;
        }
        if (slot->cap.object == nullptr) continue;
        if (!alive.contains(slot->cap.object)) return "a capability names an object that is gone";
        named.insert(slot->cap.object);
    }
    if (named.size() != alive.size()) return "an object has no capability";
    for (const auto& object : state.objects.objects()) {
        if (object->kind != ObjectKind::Thread) continue;
        auto broken = broken_thread(state, static_cast<const Thread&>(*object));
        if (!broken.empty()) return broken;
    }
    return "";
}

}  // namespace kos::sim
