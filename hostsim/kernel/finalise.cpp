// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/finalise.hpp"

#include "hostsim/kernel/cnode.hpp"
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/endpoint.hpp"
#include "hostsim/kernel/notification.hpp"
#include "hostsim/kernel/reply_stack.hpp"
#include "hostsim/kernel/sched_context.hpp"
#include "hostsim/kernel/thread_control.hpp"
#include "hostsim/kernel/vcpu.hpp"
#include "hostsim/kernel/vspace.hpp"

namespace kos::sim {

namespace {

void end_endpoint(State& state, Endpoint& endpoint) {
    cancel_all_ipc(state, endpoint);
    end_object(state, &endpoint);
}

void end_notification(State& state, Notification& notification) {
    if (notification.sched_context != nullptr) unbind_notification(*notification.sched_context);
    unbind_thread(notification);
    cancel_all_signals(state, notification);
    end_object(state, &notification);
}

void end_reply(State& state, Reply& reply) {
    if (Thread* thread = reply.thread) {
        if (thread->state == ThreadState::BlockedOnReply) {
            remove_reply(state, reply, *thread);
        } else {
            cancel_ipc(state, thread);
        }
    }
    end_object(state, &reply);
}

void end_sched_context(State& state, SchedContext& context) {
    if (context.thread != nullptr) unbind_thread(state, context);
    unbind_notification(context);
    unbind_reply(context);
    complete_yield_to(state, context.yield_from);
    context.refills.stop();
    context.sporadic = false;
    end_object(state, &context);
}

Remainder zombie_of(const Capability& cap, Word slots, unsigned radix) {
    Capability zombie;
    zombie.kind = CapKind::Zombie;
    zombie.object = cap.object;
    zombie.address = cap.address;
    zombie.size_bits = static_cast<std::uint8_t>(radix);
    zombie.word = slots;
    return {zombie};
}

Remainder stop_thread(State& state, const Capability& cap) {
    Thread& thread = *cap.as<Thread>();
    if (thread.bound_notification != nullptr) unbind_thread(*thread.bound_notification);
    if (SchedContext* context = thread.sched_context) {
        unbind_thread(state, *context);
        complete_yield_to(state, context->yield_from);
    }
    suspend(state, &thread);
    if (thread.vcpu != nullptr) dissociate(*thread.vcpu);
    return zombie_of(cap, thread_slot_count, 0);
}

Remainder finalise_last(State& state, const Capability& cap) {
    switch (cap.kind) {
        case CapKind::Endpoint:
            end_endpoint(state, *cap.as<Endpoint>());
            return {};
        case CapKind::Notification:
            end_notification(state, *cap.as<Notification>());
            return {};
        case CapKind::Reply:
            end_reply(state, *cap.as<Reply>());
            return {};
        case CapKind::SchedContext:
            end_sched_context(state, *cap.as<SchedContext>());
            return {};
        case CapKind::CNode:
            return zombie_of(cap, Word{1} << cap.size_bits, cap.size_bits);
        case CapKind::Thread:
            return stop_thread(state, cap);
        case CapKind::IrqHandler:
            delete_cap(state, state.interrupts[cap.word].handler);
            return {{}, true};
        case CapKind::AsidPool:
            delete_asid_pool(state, *cap.as<AsidPool>(), static_cast<Asid>(cap.word));
            end_object(state, cap.object);
            return {};
        case CapKind::VSpace:
            if (cap.is_mapped) delete_asid(state, cap.asid, *cap.as<VSpace>());
            end_object(state, cap.object);
            return {};
        case CapKind::PageTable:
            if (cap.is_mapped) unmap_page_table(state, cap);
            end_object(state, cap.object);
            return {};
        case CapKind::Vcpu:
            dissociate(*cap.as<Vcpu>());
            end_object(state, cap.object);
            return {};
        default:
            return {};
    }
}

}  // namespace

Remainder finalise(State& state, const Capability& cap, bool last) {
    if (cap.kind == CapKind::Zombie) return {cap};
    // Each capability to a frame has a mapping of its own.
    if (cap.kind == CapKind::Frame && cap.asid != 0) unmap_frame(state, cap);
    return last ? finalise_last(state, cap) : Remainder{};
}

void end_object(State& state, Object* object) {
    if (object->kind == ObjectKind::Thread && state.hooks.threads != nullptr) {
        state.hooks.threads->destroyed(*static_cast<Thread*>(object));
    }
    if (object->kind == ObjectKind::VSpace && state.hooks.vspaces != nullptr) {
        state.hooks.vspaces->destroyed(*static_cast<VSpace*>(object));
    }
    state.objects.retire(object);
}

void release_irq(State& state, Word irq) {
    InterruptLine& line = state.interrupts[irq];
    line.state = InterruptLine::State::Inactive;
    line.masked = true;
    line.pending = false;
}

}  // namespace kos::sim
