// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The invocations of kernel objects that kos makes, one function each, named as in the seL4
// Reference Manual (appendix A, MCS and AArch64). Each is one Call on the capability.
#pragma once

#include "lib/base/result.hpp"
#include "lib/sel4/abi.hpp"
#include "lib/sel4/types.hpp"

#include <cstdint>

namespace kos::sel4 {

/// Which invocation failed, how, and the words that the kernel added (manual §3.4).
struct Failure {
    Invocation invocation;
    Error error;
    std::array<Word, 4> detail{};
};

using Invoked = Result<void, Failure>;

/// Invocations that this program has made so far, failed ones included.
[[nodiscard]] std::uint64_t invocations_made();

/// Where Untyped_Retype puts its capabilities: slots [offset, offset + count) of the CNode that
/// `node_index` names, resolved `node_depth` bits deep from `root` (0: the root itself).
struct RetypeDestination {
    Cap<CNode> root;
    Word node_index = 0;
    Word node_depth = 0;
    Word offset = 0;
};

/// At most this many objects come from one Untyped_Retype (CONFIG_RETYPE_FAN_OUT_LIMIT).
inline constexpr Word retype_fan_out_limit = 256;

/// `size_bits` counts for Untyped, CNode (slots) and SchedContext.
Invoked untyped_retype(Cap<Untyped> untyped, ObjectType type, unsigned size_bits,
                       RetypeDestination destination, Word count);

Invoked cnode_copy(Slot destination, Slot source, Rights rights);
/// `badge`: of an endpoint or notification; the guard (cnode_guard) of a CNode.
Invoked cnode_mint(Slot destination, Slot source, Rights rights, Word badge);
Invoked cnode_move(Slot destination, Slot source);
Invoked cnode_mutate(Slot destination, Slot source, Word badge);
Invoked cnode_delete(Slot slot);
Invoked cnode_revoke(Slot slot);

struct ThreadSpaces {
    Cap<CNode> cspace;
    Word cspace_guard = 0;  ///< cnode_guard(…)
    Cap<VSpace> vspace;
};
Invoked tcb_configure(Cap<Tcb> tcb, ThreadSpaces spaces, Word ipc_buffer_address,
                      Cap<Frame> ipc_buffer);
/// A null `fault_endpoint` leaves the thread without a fault handler.
Invoked tcb_set_space(Cap<Tcb> tcb, Cap<Endpoint> fault_endpoint, ThreadSpaces spaces);
Invoked tcb_set_sched_params(Cap<Tcb> tcb, Cap<Tcb> authority, Word max_priority, Word priority,
                             Cap<SchedContext> sched_context, Cap<Endpoint> fault_endpoint);
/// Where timeout faults go: to be told when the thread's budget runs out.
Invoked tcb_set_timeout_endpoint(Cap<Tcb> tcb, Cap<Endpoint> endpoint);
Invoked tcb_set_priority(Cap<Tcb> tcb, Cap<Tcb> authority, Word priority);
Invoked tcb_set_ipc_buffer(Cap<Tcb> tcb, Word address, Cap<Frame> frame);
Invoked tcb_bind_notification(Cap<Tcb> tcb, Cap<Notification> notification);
Invoked tcb_unbind_notification(Cap<Tcb> tcb);
Invoked tcb_suspend(Cap<Tcb> tcb);
Invoked tcb_resume(Cap<Tcb> tcb);
Result<UserContext, Failure> tcb_read_registers(Cap<Tcb> tcb, bool suspend);
Invoked tcb_write_registers(Cap<Tcb> tcb, bool resume, const UserContext& context);

/// `budget` and `period` in microseconds; budget == period is round robin.
struct SchedParameters {
    Word budget;
    Word period;
    Word extra_refills = 0;
    Word badge = 0;
    bool sporadic = false;
};
Invoked sched_control_configure(Cap<SchedControl> control, Cap<SchedContext> context,
                                SchedParameters parameters);
Invoked sched_context_bind(Cap<SchedContext> context, Cap<Tcb> tcb);
Invoked sched_context_unbind(Cap<SchedContext> context);

Invoked page_map(Cap<Frame> frame, Cap<VSpace> vspace, Word address, Rights rights,
                 VmAttributes attributes);
Invoked page_unmap(Cap<Frame> frame);
/// Makes instructions written to [start, end) of the frame visible to instruction fetch.
Invoked page_unify_instruction(Cap<Frame> frame, Word start, Word end);
Result<Word, Failure> page_get_address(Cap<Frame> frame);
Invoked page_table_map(Cap<PageTable> table, Cap<VSpace> vspace, Word address,
                       VmAttributes attributes);
Invoked page_table_unmap(Cap<PageTable> table);
Invoked asid_pool_assign(Cap<AsidPool> pool, Cap<VSpace> vspace);
Invoked asid_control_make_pool(Cap<AsidControl> control, Cap<Untyped> untyped, Slot destination);

/// A handler of interrupt `irq`, level-triggered unless `edge`.
Invoked irq_control_get_trigger(Cap<IrqControl> control, Word irq, bool edge, Slot destination);
/// The kernel signals it when the interrupt comes, and masks the interrupt until it is
/// acknowledged.
Invoked irq_handler_set_notification(Cap<IrqHandler> handler, Cap<Notification> notification);
Invoked irq_handler_ack(Cap<IrqHandler> handler);
Invoked irq_handler_clear(Cap<IrqHandler> handler);

/// Registers of a virtual CPU (seL4_VCPUReg, those whose numbers no version changes).
enum class VcpuRegister : Word {
    Sctlr = 0,
    Esr = 11,
    Far = 12,
    Vbar = 14,
    SpEl1 = 17,
    ElrEl1 = 18,
    SpsrEl1 = 19,
    CntvCtl = 20,
    CntvCval = 21,
    CntvOff = 22,
};
/// The thread runs at EL1 from then on, in its VSpace as the guest's physical memory.
Invoked vcpu_set_tcb(Cap<Vcpu> vcpu, Cap<Tcb> tcb);
/// Puts a pending interrupt into list register \p slot, whose EOI raises VGICMaintenance.
/// \p priority is at most 31, \p group at most 1.
Invoked vcpu_inject_irq(Cap<Vcpu> vcpu, Word slot, Word interrupt, Word priority, Word group);
Result<Word, Failure> vcpu_read_register(Cap<Vcpu> vcpu, VcpuRegister name);
Invoked vcpu_write_register(Cap<Vcpu> vcpu, VcpuRegister name, Word value);
/// Unmasks a private interrupt that came as VPPIEvent.
Invoked vcpu_ack_vppi(Cap<Vcpu> vcpu, Word interrupt);

}  // namespace kos::sel4
