// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/threads.hpp"

#include "rootserver/spawn/address_space.hpp"
#include "rootserver/spawn/message_server.hpp"

namespace kos::rootserver {

namespace {

using caps::ObjectKind;

/// What a thread runs before another of its priority has a turn, in microseconds: round robin.
constexpr sel4::Word time_slice = 10'000;

/// To call, and no more: an app cannot hand on what it is not given the right to.
constexpr sel4::Rights may_call{.write = true, .grant_reply = true};

class ThreadMaker {
   public:
    ThreadMaker(const Root& root, const App& app) : root_(root), app_(app) {}

    Attempt<> make(std::uint64_t thread) {
        KOS_TRY(give_capabilities(thread));
        KOS_TRY(configure(thread));
        return schedule(thread);
    }

   private:
    Attempt<> give_capabilities(std::uint64_t thread) {
        KOS_TRY(about({"the manager endpoint of thread", thread},
                      mint_endpoint(slot_of_app(native::app_slot::manager(thread)), thread)));
        return about(
            {"the notification of thread", thread},
            sel4::cnode_copy(slot_of_app(native::app_slot::notification(thread)),
                             root_.cspace.slot(app_.object(ObjectKind::Notification, thread)),
                             sel4::read_write));
    }

    Attempt<> configure(std::uint64_t thread) {
        const VirtualAddress buffer =
            native::thread_area(thread) + native::thread_ipc_buffer_offset;
        const auto frame = own_frame_at(app_, root_.image.manifest(), buffer);
        if (!frame) return trouble(ErrorCode::ImageCorrupt, {"no area for thread", thread});
        const sel4::ThreadSpaces spaces{cspace(), sel4::cnode_guard(0, 64 - cspace_bits()),
                                        app_.vspace()};
        return about({"thread", thread},
                     sel4::tcb_configure(app_.tcb(thread), spaces, buffer.value(), frame->frame));
    }

    Attempt<> schedule(std::uint64_t thread) {
        return schedule_thread(root_, app_, thread,
                               {.endpoint = root_.endpoint.cptr(),
                                .badge = native::badge_of(app_.number, thread, true),
                                .priority = app_.record.priority});
    }

    sel4::Invoked mint_endpoint(sel4::Slot destination, std::uint64_t thread) {
        return sel4::cnode_mint(destination, root_.cspace.slot(root_.endpoint.cptr()), may_call,
                                native::badge_of(app_.number, thread, false));
    }
    [[nodiscard]] sel4::Cap<sel4::CNode> cspace() const {
        return sel4::Cap<sel4::CNode>{app_.object(ObjectKind::AppCNode)};
    }
    [[nodiscard]] std::uint8_t cspace_bits() const {
        return app_.objects.group(ObjectKind::AppCNode).size_bits;
    }
    [[nodiscard]] sel4::Slot slot_of_app(sel4::CPtr cptr) const {
        return {cspace(), cptr.value, cspace_bits()};
    }

    const Root& root_;
    const App& app_;
};

}  // namespace

Attempt<> make_thread(const Root& root, App& app, std::uint64_t thread) {
    KOS_TRY(map_thread_area(root, app, thread));
    KOS_TRY((ThreadMaker{root, app}.make(thread)));
    KOS_TRY(introduce_thread(root, app, thread));
    app.threads[thread].is_made = true;
    return {};
}

/// The thread keeps a copy of the fault endpoint, so the capability it is given can go. Where the
/// kernel refuses that, it is asked once more: the scratch slot is everyone's.
Attempt<> schedule_thread(const Root& root, const App& app, std::uint64_t thread,
                          const ThreadPlace& place) {
    const sel4::Cap<sel4::SchedContext> context{app.object(ObjectKind::SchedContext, thread)};
    KOS_TRY(
        about({"the scheduling context of thread", thread},
              sel4::sched_control_configure(root.sched_control, context,
                                            {.budget = time_slice, .period = app.record.period})));
    const sel4::Slot scratch = root.cspace.slot(root.scratch_slot);
    KOS_TRY(
        about({"the fault endpoint of thread", thread},
              sel4::cnode_mint(scratch, root.cspace.slot(place.endpoint), may_call, place.badge)));
    const Attempt<> scheduled = about(
        {"thread", thread},
        sel4::tcb_set_sched_params(app.tcb(thread), sel4::Cap<sel4::Tcb>{sel4::root_slot::tcb},
                                   app.record.max_priority, place.priority, context,
                                   sel4::Cap<sel4::Endpoint>{root.scratch_slot}));
    const Attempt<> emptied = about({"the scratch slot"}, sel4::cnode_delete(scratch));
    if (!emptied) (void)sel4::cnode_delete(scratch);
    if (!scheduled) return Err{scheduled.error()};
    if (!emptied) return Err{emptied.error()};
    return {};
}

Attempt<> start_thread(const App& app, std::uint64_t thread, VirtualAddress pc) {
    const VirtualAddress block = native::thread_block_address(thread);
    sel4::UserContext context{};
    context.pc = pc.value();
    context.sp = native::thread_stack_top(thread).value();
    context.x0 = block.value();
    context.tpidrro_el0 = block.value();
    return about({"the registers of thread", thread},
                 sel4::tcb_write_registers(app.tcb(thread), true, context));
}

}  // namespace kos::rootserver
