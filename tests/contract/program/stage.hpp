// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a trace runs on. Nothing of it can be named by the trace but what the playground holds.
//
//   lasting      the arena (an untyped), the endpoint that all faults of actors come to, two reply
//                objects, and the marker: a thread of the lowest priority that calls this endpoint
//   of a trace   the playground and its props, and the actors: made from the arena
//
// The initial thread runs at the highest priority and lets an actor go by writing its registers and
// waiting: first come the faults of actors, at last the marker's call, when nobody can run.
#pragma once

#include "rootserver/boot/root_cspace.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "tests/contract/program/playground.hpp"
#include "tests/contract/program/system_call.hpp"

#include <optional>

namespace kos::contract {

using rootserver::Attempt;

inline constexpr unsigned actor_count = 3;
/// Two huge pages, where nothing is.
inline constexpr unsigned device_arena_bits = 31;

/// A fault of an actor, with its registers then.
struct ActorFault {
    unsigned actor;
    sel4::Word label;
    unsigned length;
    std::array<sel4::Word, sel4::message_max_words> words;
    sel4::UserContext registers;
};

class Stage {
   public:
    struct Sources {
        rootserver::RootMemory& memory;
        rootserver::RootCSpace& cspace;
        sel4::Cap<sel4::SchedControl> sched_control;
        sel4::CPtr device_untyped;  ///< of at least device_arena_bits
    };

    explicit Stage(Sources sources) : sources_(sources) {}
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    /// What lasts. Once, before anything else.
    Attempt<> create();

    Attempt<> set_up(Playground& playground);
    /// Takes everything back.
    Attempt<> tear_down();

    /// An invocation of the initial thread's own, which lets no other thread go. Capabilities in
    /// the message are all the playground.
    sel4::Message invoke(const SystemCall& call);
    /// Starts \p actor on \p call, at \p entry (tests/contract/program/actor.hpp).
    Attempt<> start(unsigned actor, const SystemCall& call, sel4::Word entry);
    struct Interrupt {
        sel4::Cap<sel4::IrqHandler> handler;
        sel4::Cap<sel4::Notification> notification;  ///< badged
    };
    /// Has interrupt \p number, level-triggered, signal a notification.
    Attempt<Interrupt> receive_interrupt(sel4::Word number);
    /// Gives \p actor another budget and period than its endless ones.
    Attempt<> limit(unsigned actor, sel4::SchedParameters parameters);
    /// Has timeout faults of \p actor come as its other faults do.
    Attempt<> handle_timeouts(unsigned actor);
    /// Takes \p actor's scheduling context: it runs on what callers lend it.
    Attempt<> make_passive(unsigned actor);
    /// The next fault; nothing once no thread can run.
    Attempt<std::optional<ActorFault>> next_fault();
    /// Sets x2 of an actor that faulted to \p word, so that no later step sees what it was.
    Attempt<> replace_answer(const ActorFault& fault, sel4::Word word);
    /// Takes an actor out of what it waits for, and gives it its own time back: what the kernel
    /// answered to each of the three invocations.
    std::array<sel4::Error, 3> cancel(unsigned actor);

    [[nodiscard]] const sel4::IpcBuffer& buffer_of(unsigned actor) const;
    /// Where the arena starts in physical memory.
    [[nodiscard]] sel4::Word arena_address() const { return arena_address_; }
    [[nodiscard]] sel4::Word device_address() const { return device_address_; }

   private:
    Attempt<> make_marker();
    Attempt<> make_device_arena();
    Attempt<> make_props(Playground& playground);
    Attempt<> give_authority(Playground& playground);
    Attempt<> make_actors();
    Attempt<> make_actor(unsigned actor);
    Attempt<> retype(sel4::ObjectType type, unsigned size_bits, const caps::CNodeWindow& window,
                     sel4::Word first, sel4::Word count = 1);
    Attempt<> attach_cnode(sel4::CPtr slot, unsigned bits, std::uint64_t top_slot);
    [[nodiscard]] sel4::ThreadSpaces actor_spaces() const;
    Attempt<> prop_copy(sel4::Word slot, sel4::CPtr source);
    /// A capability to the fault endpoint that tells of \p actor, in the scratch slot.
    Attempt<sel4::Slot> mint_fault_endpoint(unsigned actor);

    Sources sources_;
    sel4::Cap<sel4::Untyped> arena_;
    sel4::Word arena_address_ = 0;
    sel4::CPtr device_arena_;
    sel4::Word device_address_ = 0;
    sel4::Cap<sel4::Endpoint> endpoint_;
    sel4::Cap<sel4::Reply> reply_;
    sel4::CPtr scratch_slot_, playground_cnode_, actors_cnode_;
    bool marker_waits_ = false;
};

}  // namespace kos::contract
