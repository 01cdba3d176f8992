// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/sel4/invoke.hpp"

#include "lib/sel4/observe.hpp"
#include "lib/sel4/syscall.hpp"

#include <bit>
#include <initializer_list>
#include <span>

namespace kos::sel4 {

namespace {

constinit std::uint64_t invocation_counter = 0;
constinit InvocationObserver observer{};

constexpr Word raw(VmAttributes attributes) { return static_cast<Word>(attributes); }

/// Puts word `index` of an outgoing message in its place: the first four travel in registers.
void set_word(Message& message, unsigned index, Word value) {
    if (index < message_registers) {
        message.words[index] = value;
    } else {
        ipc_buffer().message[index] = value;
    }
}

Word get_word(const Message& message, unsigned index) {
    return index < message_registers ? message.words[index] : ipc_buffer().message[index];
}

/// Calls and hands back the answer, or what the kernel had against it.
Result<Message, Failure> invoke(CPtr target, Invocation invocation, std::span<const Word> words,
                                std::initializer_list<CPtr> caps = {}) {
    Message message;
    message.info = MessageInfo{abi().label(invocation), static_cast<unsigned>(caps.size()),
                               static_cast<unsigned>(words.size())};
    for (unsigned i = 0; i < words.size(); ++i) set_word(message, i, words[i]);
    unsigned next_cap = 0;
    for (const CPtr cap : caps) ipc_buffer().caps_or_badges[next_cap++] = cap.value;

    ++invocation_counter;
    const Message answer = call(target, message);
    const auto error = static_cast<Error>(answer.info.label());
    if (observer.invoked != nullptr) [[unlikely]] {
        observer.invoked(observer.context,
                         {invocation, error, target, words, {caps.begin(), caps.size()}});
    }
    if (error != Error::None) return Err{Failure{invocation, error, answer.words}};
    return answer;
}

Invoked invoke_only(CPtr target, Invocation invocation, std::initializer_list<Word> words,
                    std::initializer_list<CPtr> caps = {}) {
    KOS_TRY(invoke(target, invocation, std::span{words.begin(), words.size()}, caps));
    return {};
}

}  // namespace

std::uint64_t invocations_made() { return invocation_counter; }

void observe_invocations(InvocationObserver new_observer) { observer = new_observer; }

Invoked untyped_retype(Cap<Untyped> untyped, ObjectType type, unsigned size_bits,
                       RetypeDestination destination, Word count) {
    return invoke_only(untyped.cptr(), Invocation::UntypedRetype,
                       {abi().number(type), size_bits, destination.node_index,
                        destination.node_depth, destination.offset, count},
                       {destination.root.cptr()});
}

Invoked cnode_copy(Slot destination, Slot source, Rights rights) {
    return invoke_only(
        destination.root.cptr(), Invocation::CNodeCopy,
        {destination.index, destination.depth, source.index, source.depth, rights.raw()},
        {source.root.cptr()});
}

Invoked cnode_mint(Slot destination, Slot source, Rights rights, Word badge) {
    return invoke_only(
        destination.root.cptr(), Invocation::CNodeMint,
        {destination.index, destination.depth, source.index, source.depth, rights.raw(), badge},
        {source.root.cptr()});
}

Invoked cnode_move(Slot destination, Slot source) {
    return invoke_only(destination.root.cptr(), Invocation::CNodeMove,
                       {destination.index, destination.depth, source.index, source.depth},
                       {source.root.cptr()});
}

Invoked cnode_mutate(Slot destination, Slot source, Word badge) {
    return invoke_only(destination.root.cptr(), Invocation::CNodeMutate,
                       {destination.index, destination.depth, source.index, source.depth, badge},
                       {source.root.cptr()});
}

Invoked cnode_delete(Slot slot) {
    return invoke_only(slot.root.cptr(), Invocation::CNodeDelete, {slot.index, slot.depth});
}

Invoked cnode_revoke(Slot slot) {
    return invoke_only(slot.root.cptr(), Invocation::CNodeRevoke, {slot.index, slot.depth});
}

Invoked tcb_configure(Cap<Tcb> tcb, ThreadSpaces spaces, Word ipc_buffer_address,
                      Cap<Frame> ipc_buffer) {
    return invoke_only(tcb.cptr(), Invocation::TcbConfigure,
                       {spaces.cspace_guard, 0, ipc_buffer_address},
                       {spaces.cspace.cptr(), spaces.vspace.cptr(), ipc_buffer.cptr()});
}

Invoked tcb_set_space(Cap<Tcb> tcb, Cap<Endpoint> fault_endpoint, ThreadSpaces spaces) {
    return invoke_only(tcb.cptr(), Invocation::TcbSetSpace, {spaces.cspace_guard, 0},
                       {fault_endpoint.cptr(), spaces.cspace.cptr(), spaces.vspace.cptr()});
}

Invoked tcb_set_sched_params(Cap<Tcb> tcb, Cap<Tcb> authority, Word max_priority, Word priority,
                             Cap<SchedContext> sched_context, Cap<Endpoint> fault_endpoint) {
    return invoke_only(tcb.cptr(), Invocation::TcbSetSchedParams, {max_priority, priority},
                       {authority.cptr(), sched_context.cptr(), fault_endpoint.cptr()});
}

Invoked tcb_set_timeout_endpoint(Cap<Tcb> tcb, Cap<Endpoint> endpoint) {
    return invoke_only(tcb.cptr(), Invocation::TcbSetTimeoutEndpoint, {}, {endpoint.cptr()});
}

Invoked tcb_set_priority(Cap<Tcb> tcb, Cap<Tcb> authority, Word priority) {
    return invoke_only(tcb.cptr(), Invocation::TcbSetPriority, {priority}, {authority.cptr()});
}

Invoked tcb_set_ipc_buffer(Cap<Tcb> tcb, Word address, Cap<Frame> frame) {
    return invoke_only(tcb.cptr(), Invocation::TcbSetIpcBuffer, {address}, {frame.cptr()});
}

Invoked tcb_bind_notification(Cap<Tcb> tcb, Cap<Notification> notification) {
    return invoke_only(tcb.cptr(), Invocation::TcbBindNotification, {}, {notification.cptr()});
}

Invoked tcb_unbind_notification(Cap<Tcb> tcb) {
    return invoke_only(tcb.cptr(), Invocation::TcbUnbindNotification, {});
}

Invoked tcb_suspend(Cap<Tcb> tcb) { return invoke_only(tcb.cptr(), Invocation::TcbSuspend, {}); }

Invoked tcb_resume(Cap<Tcb> tcb) { return invoke_only(tcb.cptr(), Invocation::TcbResume, {}); }

Result<UserContext, Failure> tcb_read_registers(Cap<Tcb> tcb, bool suspend) {
    const Word words[] = {suspend ? Word{1} : Word{0}, user_context_words};
    const Message answer = KOS_TRY(invoke(tcb.cptr(), Invocation::TcbReadRegisters, words));
    std::array<Word, user_context_words> registers;
    for (unsigned i = 0; i < registers.size(); ++i) registers[i] = get_word(answer, i);
    return std::bit_cast<UserContext>(registers);
}

Invoked tcb_write_registers(Cap<Tcb> tcb, bool resume, const UserContext& context) {
    const auto registers = std::bit_cast<std::array<Word, user_context_words>>(context);
    std::array<Word, user_context_words + 2> words{resume ? Word{1} : Word{0}, user_context_words};
    for (unsigned i = 0; i < registers.size(); ++i) words[i + 2] = registers[i];
    KOS_TRY(invoke(tcb.cptr(), Invocation::TcbWriteRegisters, words));
    return {};
}

Invoked sched_control_configure(Cap<SchedControl> control, Cap<SchedContext> context,
                                SchedParameters parameters) {
    return invoke_only(control.cptr(), Invocation::SchedControlConfigureFlags,
                       {parameters.budget, parameters.period, parameters.extra_refills,
                        parameters.badge, parameters.sporadic ? Word{1} : Word{0}},
                       {context.cptr()});
}

Invoked sched_context_bind(Cap<SchedContext> context, Cap<Tcb> tcb) {
    return invoke_only(context.cptr(), Invocation::SchedContextBind, {}, {tcb.cptr()});
}

Invoked sched_context_unbind(Cap<SchedContext> context) {
    return invoke_only(context.cptr(), Invocation::SchedContextUnbind, {});
}

Invoked page_map(Cap<Frame> frame, Cap<VSpace> vspace, Word address, Rights rights,
                 VmAttributes attributes) {
    return invoke_only(frame.cptr(), Invocation::PageMap, {address, rights.raw(), raw(attributes)},
                       {vspace.cptr()});
}

Invoked page_unmap(Cap<Frame> frame) {
    return invoke_only(frame.cptr(), Invocation::PageUnmap, {});
}

Invoked page_unify_instruction(Cap<Frame> frame, Word start, Word end) {
    return invoke_only(frame.cptr(), Invocation::PageUnifyInstruction, {start, end});
}

Result<Word, Failure> page_get_address(Cap<Frame> frame) {
    const Message answer = KOS_TRY(invoke(frame.cptr(), Invocation::PageGetAddress, {}));
    return answer.words[0];
}

Invoked page_table_map(Cap<PageTable> table, Cap<VSpace> vspace, Word address,
                       VmAttributes attributes) {
    return invoke_only(table.cptr(), Invocation::PageTableMap, {address, raw(attributes)},
                       {vspace.cptr()});
}

Invoked page_table_unmap(Cap<PageTable> table) {
    return invoke_only(table.cptr(), Invocation::PageTableUnmap, {});
}

Invoked asid_pool_assign(Cap<AsidPool> pool, Cap<VSpace> vspace) {
    return invoke_only(pool.cptr(), Invocation::AsidPoolAssign, {}, {vspace.cptr()});
}

Invoked asid_control_make_pool(Cap<AsidControl> control, Cap<Untyped> untyped, Slot destination) {
    return invoke_only(control.cptr(), Invocation::AsidControlMakePool,
                       {destination.index, destination.depth},
                       {untyped.cptr(), destination.root.cptr()});
}

Invoked irq_control_get_trigger(Cap<IrqControl> control, Word irq, bool edge, Slot destination) {
    return invoke_only(control.cptr(), Invocation::IrqControlGetTrigger,
                       {irq, edge ? Word{1} : Word{0}, destination.index, destination.depth},
                       {destination.root.cptr()});
}

Invoked irq_handler_set_notification(Cap<IrqHandler> handler, Cap<Notification> notification) {
    return invoke_only(handler.cptr(), Invocation::IrqHandlerSetNotification, {},
                       {notification.cptr()});
}

Invoked irq_handler_ack(Cap<IrqHandler> handler) {
    return invoke_only(handler.cptr(), Invocation::IrqHandlerAck, {});
}

Invoked irq_handler_clear(Cap<IrqHandler> handler) {
    return invoke_only(handler.cptr(), Invocation::IrqHandlerClear, {});
}

Invoked vcpu_set_tcb(Cap<Vcpu> vcpu, Cap<Tcb> tcb) {
    return invoke_only(vcpu.cptr(), Invocation::VcpuSetTcb, {}, {tcb.cptr()});
}

Invoked vcpu_inject_irq(Cap<Vcpu> vcpu, Word slot, Word interrupt, Word priority, Word group) {
    return invoke_only(vcpu.cptr(), Invocation::VcpuInjectIrq,
                       {interrupt | priority << 16 | group << 24 | slot << 32});
}

Result<Word, Failure> vcpu_read_register(Cap<Vcpu> vcpu, VcpuRegister name) {
    const Word words[] = {static_cast<Word>(name)};
    const Message answer = KOS_TRY(invoke(vcpu.cptr(), Invocation::VcpuReadRegs, words));
    return answer.words[0];
}

Invoked vcpu_write_register(Cap<Vcpu> vcpu, VcpuRegister name, Word value) {
    return invoke_only(vcpu.cptr(), Invocation::VcpuWriteRegs, {static_cast<Word>(name), value});
}

Invoked vcpu_ack_vppi(Cap<Vcpu> vcpu, Word interrupt) {
    return invoke_only(vcpu.cptr(), Invocation::VcpuAckVppi, {interrupt});
}

}  // namespace kos::sel4
