// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/stage.hpp"

#include "lib/sel4/syscall.hpp"
#include "tests/contract/program/actor.hpp"
#include "tests/contract/program/window.hpp"

#include <algorithm>

namespace kos::contract {

namespace {

using rootserver::about;
using rootserver::RootCSpace;
using rootserver::Subject;
using sel4::ObjectType;
using sel4::Word;

constexpr unsigned arena_bits = 22;

/// Slots of the top-level CNode.
constexpr std::uint64_t playground_slot = 2, actors_slot = 3;
/// The actors' CNode: their objects by kind.
constexpr unsigned actors_bits = 4;
constexpr Word tcb_slot = 0, context_slot = 4, frame_slot = 8;

constexpr Word marker_priority = 1, actor_priority = 100, actor_max_priority = 150;
/// Long enough that it never runs out: ten seconds.
constexpr sel4::SchedParameters endless{.budget = 10'000'000, .period = 10'000'000};

/// That no device raises.
constexpr Word quiet_interrupt = 102;

constexpr sel4::Cap<sel4::Tcb> own_tcb{sel4::root_slot::tcb};
constexpr sel4::Cap<sel4::VSpace> own_vspace{sel4::root_slot::vspace};

alignas(16) constinit std::byte marker_stack[1024];

sel4::CPtr actor_cap(Word kind_slot, unsigned actor) {
    return {RootCSpace::base(actors_slot).value + kind_slot + actor};
}
sel4::Cap<sel4::Tcb> tcb_of(unsigned actor) {
    return sel4::Cap<sel4::Tcb>{actor_cap(tcb_slot, actor)};
}
sel4::Cap<sel4::SchedContext> context_of(unsigned actor) {
    return sel4::Cap<sel4::SchedContext>{actor_cap(context_slot, actor)};
}
sel4::IpcBuffer& actor_buffer(unsigned actor) {
    return *reinterpret_cast<sel4::IpcBuffer*>(sel4::vspace_pointer(window::buffer(actor).value()));
}
sel4::CPtr prop_cptr(Word slot) { return {RootCSpace::base(playground_slot).value + slot}; }

}  // namespace

Attempt<> Stage::create() {
    rootserver::RootMemory& memory = sources_.memory;
    arena_ = sel4::Cap<sel4::Untyped>{
        KOS_TRY(memory.make(ObjectType::Untyped, arena_bits, {"the arena"}))};
    endpoint_ = sel4::Cap<sel4::Endpoint>{
        KOS_TRY(memory.make(ObjectType::Endpoint, 0, {"the fault endpoint"}))};
    reply_ = sel4::Cap<sel4::Reply>{KOS_TRY(memory.make(ObjectType::Reply, 0, {"the reply"}))};
    scratch_slot_ = KOS_TRY(memory.slot({"the scratch slot"}));
    playground_cnode_ = KOS_TRY(memory.slot({"the playground's slot"}));
    actors_cnode_ = KOS_TRY(memory.slot({"the slot of the actors' CNode"}));
    KOS_TRY(make_device_arena());
    return make_marker();
}

Attempt<> Stage::make_device_arena() {
    const Subject subject{"the device memory of a trace"};
    const auto& window = sources_.memory.window();
    const sel4::Cap<sel4::Untyped> source{sources_.device_untyped};
    device_arena_ = KOS_TRY(sources_.memory.slot(subject));
    KOS_TRY(about(subject, sel4::untyped_retype(source, ObjectType::Untyped, device_arena_bits,
                                                window.at(device_arena_.value), 1)));
    // A page tells where it lies.
    const sel4::CPtr page = KOS_TRY(sources_.memory.slot(subject));
    KOS_TRY(
        about(subject, sel4::untyped_retype(sel4::Cap<sel4::Untyped>{device_arena_},
                                            ObjectType::SmallPage, 0, window.at(page.value), 1)));
    const auto address = sel4::page_get_address(sel4::Cap<sel4::Frame>{page});
    if (address) device_address_ = *address;
    return about(subject, sel4::cnode_delete(sources_.cspace.slot(page)));
}

Attempt<> Stage::make_marker() {
    rootserver::RootMemory& memory = sources_.memory;
    const Subject subject{"the marker"};
    const sel4::Cap<sel4::Tcb> tcb{KOS_TRY(memory.make(ObjectType::Tcb, 0, subject))};
    const sel4::Cap<sel4::SchedContext> context{KOS_TRY(memory.make(
        ObjectType::SchedContext, sel4::abi().size_bits(ObjectType::SchedContext), subject))};
    KOS_TRY(
        about(subject, sel4::sched_control_configure(sources_.sched_control, context, endless)));
    KOS_TRY(about(subject,
                  sel4::tcb_configure(
                      tcb, {sources_.cspace.root(), RootCSpace::root_guard(), own_vspace}, 0, {})));
    KOS_TRY(
        about(subject, sel4::tcb_set_sched_params(tcb, own_tcb, 0, marker_priority, context, {})));
    sel4::UserContext registers{};
    registers.pc = reinterpret_cast<Word>(&run_marker);
    registers.sp = reinterpret_cast<Word>(marker_stack + sizeof(marker_stack));
    registers.x0 = endpoint_.cptr().value;
    return about(subject, sel4::tcb_write_registers(tcb, true, registers));
}

Attempt<> Stage::set_up(Playground& playground) {
    KOS_TRY(attach_cnode(playground_cnode_, Playground::bits, playground_slot));
    KOS_TRY(attach_cnode(actors_cnode_, actors_bits, actors_slot));
    KOS_TRY(make_actors());
    KOS_TRY(make_props(playground));
    return give_authority(playground);
}

Attempt<> Stage::tear_down() {
    return about({"the arena"}, sel4::cnode_revoke(sources_.cspace.slot(arena_.cptr())));
}

Attempt<> Stage::attach_cnode(sel4::CPtr slot, unsigned bits, std::uint64_t top_slot) {
    const Subject subject{"the CNode in top-level slot", top_slot};
    KOS_TRY(retype(ObjectType::CNode, bits, sources_.memory.window(), slot.value));
    const sel4::Slot top_level{sources_.cspace.root(), top_slot, RootCSpace::top_bits};
    return about(subject,
                 sel4::cnode_mint(top_level, sources_.cspace.slot(slot), sel4::all_rights,
                                  sel4::cnode_guard(0, RootCSpace::second_level_bits - bits)));
}

Attempt<> Stage::retype(ObjectType type, unsigned size_bits, const caps::CNodeWindow& window,
                        Word first, Word count) {
    return about({"the objects of a trace", first},
                 sel4::untyped_retype(arena_, type, size_bits, window.at(first), count));
}

Attempt<> Stage::make_actors() {
    const caps::CNodeWindow window = sources_.cspace.window(actors_slot);
    KOS_TRY(retype(ObjectType::SmallPage, 0, window, frame_slot, actor_count));
    KOS_TRY(retype(ObjectType::Tcb, 0, window, tcb_slot, actor_count));
    KOS_TRY(retype(ObjectType::SchedContext, sel4::abi().size_bits(ObjectType::SchedContext),
                   window, context_slot, actor_count));
    for (unsigned actor = 0; actor < actor_count; ++actor) KOS_TRY(make_actor(actor));
    const auto address = sel4::page_get_address(sel4::Cap<sel4::Frame>{actor_cap(frame_slot, 0)});
    if (address) arena_address_ = align_down<Word>(*address, Word{1} << arena_bits);
    return {};
}

Attempt<> Stage::make_actor(unsigned actor) {
    const Subject subject{"actor", actor};
    const sel4::Cap<sel4::Frame> frame{actor_cap(frame_slot, actor)};
    KOS_TRY(map_page(frame, window::buffer(actor), sel4::VmAttributes::CacheableExecuteNever));
    KOS_TRY(about(subject, sel4::sched_control_configure(sources_.sched_control, context_of(actor),
                                                         endless)));
    KOS_TRY(about(subject, sel4::tcb_configure(tcb_of(actor), actor_spaces(),
                                               window::buffer(actor).value(), frame)));
    const sel4::Slot scratch = KOS_TRY(mint_fault_endpoint(actor));
    KOS_TRY(about(subject, sel4::tcb_set_sched_params(tcb_of(actor), own_tcb, actor_max_priority,
                                                      actor_priority + actor, context_of(actor),
                                                      sel4::Cap<sel4::Endpoint>{scratch_slot_})));
    return about(subject, sel4::cnode_delete(scratch));
}

Attempt<> Stage::make_props(Playground& playground) {
    struct Prop {
        Word slot, count;
        Kind kind;
        ObjectType type;
        unsigned size_bits;
    };
    const Prop props[] = {
        {prop::small_untyped, 1, Kind::Untyped, ObjectType::Untyped, 18},
        {prop::tiny_untyped, 1, Kind::Untyped, ObjectType::Untyped, 12},
        {prop::endpoint, 2, Kind::Endpoint, ObjectType::Endpoint, 0},
        {prop::notification, 2, Kind::Notification, ObjectType::Notification, 0},
        {prop::reply, 2, Kind::Reply, ObjectType::Reply, 0},
        {prop::sched_context, 2, Kind::SchedContext, ObjectType::SchedContext, 8},
        {prop::tcb, 2, Kind::Tcb, ObjectType::Tcb, 0},
        {prop::vspace, 2, Kind::VSpace, ObjectType::VSpace, 0},
        {prop::page_table, 2, Kind::PageTable, ObjectType::PageTable, 0},
        {prop::page, 2, Kind::Page, ObjectType::SmallPage, 0},
        {prop::cnode, 1, Kind::CNode, ObjectType::CNode, Playground::inner_bits},
        {prop::vcpu, 1, Kind::Vcpu, ObjectType::Vcpu, 0},
        {prop::guest_tcb, 1, Kind::GuestTcb, ObjectType::Tcb, 0},
        {prop::large_untyped, 1, Kind::Untyped, ObjectType::Untyped, large_page_bits},
    };
    for (const Prop& each : props) {
        KOS_TRY(retype(each.type, each.size_bits, sources_.cspace.window(playground_slot),
                       each.slot, each.count));
        playground.make(each.slot, each.count, each.kind, Contents::props);
    }
    for (const Word slot : {prop::tcb, prop::tcb + 1}) {
        KOS_TRY(about({"the prop", slot}, sel4::tcb_configure(sel4::Cap<sel4::Tcb>{prop_cptr(slot)},
                                                              actor_spaces(), 0, {})));
    }
    return about({"the VSpace of the props"},
                 sel4::asid_pool_assign(sel4::Cap<sel4::AsidPool>{sel4::root_slot::asid_pool},
                                        sel4::Cap<sel4::VSpace>{prop_cptr(prop::vspace)}));
}

sel4::ThreadSpaces Stage::actor_spaces() const {
    return {sel4::Cap<sel4::CNode>{playground_cnode_}, sel4::cnode_guard(0, 64 - Playground::bits),
            own_vspace};
}

Attempt<> Stage::prop_copy(Word slot, sel4::CPtr source) {
    return about({"the prop", slot},
                 sel4::cnode_copy(sources_.cspace.slot(prop_cptr(slot)),
                                  sources_.cspace.slot(source), sel4::all_rights));
}

Attempt<> Stage::give_authority(Playground& playground) {
    const sel4::Slot playground_cnode = sources_.cspace.slot(playground_cnode_);
    const auto mint_self = [&](Word slot, Word guard) {
        playground.make(slot, 1, Kind::CNode, Contents::props);
        return about({"the prop", slot},
                     sel4::cnode_mint(sources_.cspace.slot(prop_cptr(slot)), playground_cnode,
                                      sel4::all_rights, guard));
    };
    KOS_TRY(mint_self(prop::self, sel4::cnode_guard(0, 0)));
    KOS_TRY(mint_self(prop::self_by_cptr, sel4::cnode_guard(0, 64 - Playground::bits)));
    KOS_TRY(prop_copy(prop::asid_pool, sel4::root_slot::asid_pool));
    KOS_TRY(prop_copy(prop::asid_control, sel4::root_slot::asid_control));
    KOS_TRY(prop_copy(prop::sched_control, sources_.sched_control.cptr()));
    KOS_TRY(prop_copy(prop::root_vspace, sel4::root_slot::vspace));
    KOS_TRY(prop_copy(prop::actor, actor_cap(tcb_slot, 0)));
    playground.make(prop::asid_pool, 1, Kind::AsidPool, Contents::props);
    playground.make(prop::asid_control, 1, Kind::AsidControl, Contents::props);
    playground.make(prop::sched_control, 1, Kind::SchedControl, Contents::props);
    playground.make(prop::root_vspace, 1, Kind::VSpace, Contents::props);
    playground.make(prop::actor, 1, Kind::Tcb, Contents::props);
    KOS_TRY(prop_copy(prop::device_untyped, device_arena_));
    KOS_TRY(prop_copy(prop::domain, sel4::root_slot::domain));
    playground.make(prop::device_untyped, 1, Kind::DeviceUntyped, Contents::props);
    playground.make(prop::domain, 1, Kind::Domain, Contents::props);
    playground.make(prop::irq_handler, 1, Kind::IrqHandler, Contents::props);
    KOS_TRY(about({"the interrupt of a trace"},
                  sel4::irq_control_get_trigger(
                      sel4::Cap<sel4::IrqControl>{sel4::root_slot::irq_control}, quiet_interrupt,
                      false, sources_.cspace.slot(prop_cptr(prop::irq_handler)))));
    return {};
}

sel4::Message Stage::invoke(const SystemCall& call) {
    sel4::IpcBuffer& own = sel4::ipc_buffer();
    std::copy(call.words.begin(), call.words.end(), own.message);
    for (sel4::Word& cap : own.caps_or_badges) cap = playground_cnode_.value;
    sel4::Message message{call.info};
    std::copy_n(call.words.begin(), message.words.size(), message.words.begin());
    return sel4::call({call.target}, message);
}

Attempt<sel4::Slot> Stage::mint_fault_endpoint(unsigned actor) {
    const sel4::Slot scratch = sources_.cspace.slot(scratch_slot_);
    KOS_TRY(
        about({"actor", actor}, sel4::cnode_mint(scratch, sources_.cspace.slot(endpoint_.cptr()),
                                                 sel4::all_rights, actor + 1)));
    return scratch;
}

Attempt<Stage::Interrupt> Stage::receive_interrupt(Word number) {
    constexpr Word handler_slot = 40, notification_slot = 41, badge = 0x5;
    const Subject subject{"the interrupt", number};
    const auto prop_slot = [&](Word slot) { return sources_.cspace.slot(prop_cptr(slot)); };
    KOS_TRY(about(subject, sel4::irq_control_get_trigger(
                               sel4::Cap<sel4::IrqControl>{sel4::root_slot::irq_control}, number,
                               false, prop_slot(handler_slot))));
    KOS_TRY(
        about(subject, sel4::cnode_mint(prop_slot(notification_slot), prop_slot(prop::notification),
                                        sel4::all_rights, badge)));
    const Interrupt interrupt{sel4::Cap<sel4::IrqHandler>{prop_cptr(handler_slot)},
                              sel4::Cap<sel4::Notification>{prop_cptr(notification_slot)}};
    KOS_TRY(about(subject,
                  sel4::irq_handler_set_notification(interrupt.handler, interrupt.notification)));
    return interrupt;
}

Attempt<> Stage::limit(unsigned actor, sel4::SchedParameters parameters) {
    return about({"actor", actor}, sel4::sched_control_configure(sources_.sched_control,
                                                                 context_of(actor), parameters));
}

Attempt<> Stage::handle_timeouts(unsigned actor) {
    const sel4::Slot scratch = KOS_TRY(mint_fault_endpoint(actor));
    KOS_TRY(about({"actor", actor}, sel4::tcb_set_timeout_endpoint(
                                        tcb_of(actor), sel4::Cap<sel4::Endpoint>{scratch_slot_})));
    return about({"actor", actor}, sel4::cnode_delete(scratch));
}

Attempt<> Stage::make_passive(unsigned actor) {
    return about({"actor", actor}, sel4::sched_context_unbind(context_of(actor)));
}

Attempt<> Stage::start(unsigned actor, const SystemCall& call, sel4::Word entry) {
    sel4::IpcBuffer& buffer = actor_buffer(actor);
    buffer = {};
    std::copy(call.words.begin(), call.words.end(), buffer.message);
    std::copy(call.caps.begin(), call.caps.end(), buffer.caps_or_badges);
    buffer.receive_cnode = call.receive_slot.root.cptr().value;
    buffer.receive_index = call.receive_slot.index;
    buffer.receive_depth = call.receive_slot.depth;

    sel4::UserContext registers{};
    registers.pc = entry;
    registers.x0 = call.target;
    registers.x1 = call.info.raw();
    registers.x2 = call.words[0];
    registers.x3 = call.words[1];
    registers.x4 = call.words[2];
    registers.x5 = call.words[3];
    registers.x6 = call.reply;
    registers.x7 = call.number;
    registers.x8 = call.destination;
    return about({"actor", actor}, sel4::tcb_write_registers(tcb_of(actor), true, registers));
}

Attempt<std::optional<ActorFault>> Stage::next_fault() {
    const sel4::Message message = marker_waits_ ? sel4::reply_recv(endpoint_.cptr(), {}, reply_)
                                                : sel4::recv(endpoint_.cptr(), reply_);
    marker_waits_ = message.badge == 0;
    if (marker_waits_) return std::optional<ActorFault>{};
    ActorFault fault{};
    fault.actor = static_cast<unsigned>(message.badge) - 1;
    fault.label = message.info.label();
    fault.length = message.info.length();
    const sel4::IpcBuffer& own = sel4::ipc_buffer();
    std::copy_n(own.message, fault.length, fault.words.begin());
    std::copy_n(message.words.begin(), std::min(fault.length, sel4::message_registers),
                fault.words.begin());
    fault.registers =
        KOS_TRY(about({"actor", fault.actor}, sel4::tcb_read_registers(tcb_of(fault.actor), true)));
    return std::optional<ActorFault>{fault};
}

Attempt<> Stage::replace_answer(const ActorFault& fault, Word word) {
    sel4::UserContext registers = fault.registers;
    registers.x2 = word;
    return about({"actor", fault.actor},
                 sel4::tcb_write_registers(tcb_of(fault.actor), false, registers));
}

std::array<sel4::Error, 3> Stage::cancel(unsigned actor) {
    const auto error_of = [](const sel4::Invoked& invoked) {
        return invoked ? sel4::Error::None : invoked.error().error;
    };
    // One after the other: an initializer list's order is that of the elements.
    return {error_of(sel4::tcb_suspend(tcb_of(actor))),
            error_of(sel4::sched_context_unbind(context_of(actor))),
            error_of(sel4::sched_context_bind(context_of(actor), tcb_of(actor)))};
}

const sel4::IpcBuffer& Stage::buffer_of(unsigned actor) const { return actor_buffer(actor); }

}  // namespace kos::contract
