// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/kernel.hpp"

#include "hostsim/kernel/budget.hpp"
#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/initial_task.hpp"
#include "hostsim/kernel/interrupt.hpp"
#include "hostsim/kernel/scheduler.hpp"
#include "hostsim/kernel/system_call.hpp"
#include "hostsim/kernel/thread_control.hpp"
#include "hostsim/kernel/vspace.hpp"

#include <algorithm>

namespace kos::sim {

namespace {

/// Interrupts that the kernel keeps: VGIC maintenance, its own timer, the virtual timer.
constexpr std::array<unsigned, 3> reserved_irqs{25, 26, 27};

/// The thread that runs when no other can.
void make_idle(State& state) {
    auto* thread = state.objects.create<Thread>(PhysicalAddress{});
    auto* context = state.objects.create<SchedContext>(PhysicalAddress{});
    thread->state = ThreadState::Idle;
    thread->number = 0;
    thread->sched_context = context;
    context->thread = thread;
    context->refills.start(min_refills, max_period, 0, 0);
    state.scheduler.idle_thread = state.scheduler.current_thread = thread;
    state.scheduler.current_context = context;
}

/// The end of a pass through the kernel.
void leave(State& state) {
    schedule(state);
    activate_current(state);
    state.objects.collect();
}

bool is_idle(const State& state) { return state.current() == state.scheduler.idle_thread; }

/// The kernel is entered by an interrupt.
template <class Action>
void handle_interrupt(State& state, Action&& action) {
    Registers& registers = state.current()->registers;
    registers.fault_ip = registers.pc;
    update_timestamp(state);
    check_budget(state);
    action();
    leave(state);
}

/// The current thread trapped at its pc.
void handle_fault(State& state, const Fault& fault) {
    Registers& registers = state.current()->registers;
    registers.fault_ip = registers.pc;
    update_timestamp(state);
    if (check_budget_or_restart(state)) deliver_fault(state, state.current(), fault);
    leave(state);
}

void fire_timer(State& state) {
    handle_interrupt(state, [&] { state.time.reprogram = true; });
}

/// `syndrome` with the level at which the walk for `address` ended, if it tells of a walk.
Word with_level(Word syndrome, VSpace* vspace, Word address) {
    constexpr Word level_mask = 3, translation = 4, permission = 0xc;
    const Word status = syndrome & 0x3c;
    if (status != translation && status != permission) return syndrome;
    unsigned bits_left = huge_page_bits;
    if (vspace != nullptr && address <= user_top) bits_left = walk(*vspace, address).bits_left;
    const Word level = table_levels - (bits_left - small_page_bits) / table_index_bits;
    return (syndrome & ~level_mask) | level;
}

template <class Entries>
void visit_entries(const Entries& entries, Word base, unsigned bits,
                   const std::function<void(VirtualAddress, const Mapping&)>& visit) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const PageTableEntry& entry = entries[i];
        const Word address = base + (Word{i} << bits);
        if (entry.kind == PageTableEntry::Kind::Frame) {
            visit(VirtualAddress{address}, mapping_of(entry));
        } else if (entry.kind == PageTableEntry::Kind::Table) {
            visit_entries(entry.table->entries, address, bits - table_index_bits, visit);
        }
    }
}

}  // namespace

Word vm_fault_syndrome(bool is_fetch, bool is_write, bool is_mapped) {
    // ESR (Arm ARM D17.2.37): exception class, IL, then WnR and the fault status.
    const Word exception_class = is_fetch ? 0x20 : 0x24;
    const Word status = is_mapped ? 0xc : 0x4;
    return exception_class << 26 | Word{1} << 25 | (is_write ? Word{1} << 6 : 0) | status;
}

Kernel::Kernel(PhysicalMemory& memory, const sel4::KernelAbi& abi)
    : state_(std::make_unique<State>(memory, abi)) {
    make_idle(*state_);
    for (const unsigned irq : reserved_irqs) {
        state_->interrupts[irq].state = InterruptLine::State::Reserved;
    }
}

Kernel::~Kernel() = default;

Result<BootedTask, BootError> Kernel::boot(const BootOptions& options) {
    const BootedTask task = KOS_TRY(make_initial_task(*state_, options));
    leave(*state_);
    return task;
}

void Kernel::set_hooks(const Hooks& hooks) { state_->hooks = hooks; }

Thread* Kernel::current() const { return is_idle(*state_) ? nullptr : state_->current(); }

void Kernel::system_call() {
    handle_system_call(*state_);
    leave(*state_);
}

void Kernel::vm_fault(const VmFault& fault) {
    const Word address = fault.address.value();
    VSpace* vspace = vspace_of(*state_->current());
    handle_fault(*state_, {.kind = sel4::FaultKind::VmFault,
                           .value = address,
                           .syndrome = with_level(fault.syndrome, vspace, address),
                           .flag = fault.is_fetch});
}

void Kernel::user_exception(Word number, Word code) {
    handle_fault(*state_,
                 {.kind = sel4::FaultKind::UserException, .value = number, .syndrome = code});
}

void Kernel::vcpu_fault(Word syndrome) {
    handle_fault(*state_, {.kind = sel4::FaultKind::VcpuFault, .value = syndrome});
}

void Kernel::stop_current() {
    update_timestamp(*state_);
    suspend(*state_, state_->current());
    leave(*state_);
}

Ticks Kernel::now() const { return state_->time.clock; }

void Kernel::elapse(Ticks ticks) { state_->time.clock += ticks; }

void Kernel::advance(Ticks ticks) {
    elapse(ticks);
    if (state_->time.clock >= state_->time.deadline) fire_timer(*state_);
}

Ticks Kernel::ticks_until_event() const {
    const TimeState& time = state_->time;
    return time.deadline > time.clock ? time.deadline - time.clock : 0;
}

bool Kernel::skip_to_next_event(std::optional<Ticks> limit) {
    const bool has_timer = !state_->scheduler.release.empty();
    if (!has_timer && !limit) return false;
    TimeState& time = state_->time;
    const Ticks next = !has_timer ? *limit
                       : limit    ? std::min(*limit, time.deadline)
                                  : time.deadline;
    time.clock = std::max(time.clock, next);
    if (time.clock >= time.deadline) fire_timer(*state_);
    return true;
}

void Kernel::interrupt(unsigned irq) {
    handle_interrupt(*state_, [&] { raise(*state_, irq); });
}

void Kernel::set_interrupt_line(unsigned irq, bool is_high) {
    // A line that goes low, or that is masked, does not enter the kernel.
    if (!is_high || irq > max_irq || state_->interrupts[irq].masked) {
        return set_level(*state_, irq, is_high);
    }
    handle_interrupt(*state_, [&] { set_level(*state_, irq, true); });
}

PhysicalMemory& Kernel::memory() const { return state_->memory; }

std::optional<Mapping> Kernel::translate(const VSpace& vspace, VirtualAddress address) const {
    if (vspace.asid == 0 || address.value() > user_top) return std::nullopt;
    // A walk changes nothing.
    const WalkEnd end = walk(const_cast<VSpace&>(vspace), address.value());
    if (end.entry->kind != PageTableEntry::Kind::Frame) return std::nullopt;
    Mapping mapping = mapping_of(*end.entry);
    mapping.physical = mapping.physical + (address.value() & ((Word{1} << end.bits_left) - 1));
    return mapping;
}

void Kernel::for_each_mapping(
    const VSpace& vspace, const std::function<void(VirtualAddress, const Mapping&)>& visit) const {
    if (vspace.asid != 0) visit_entries(vspace.entries, 0, huge_page_bits, visit);
}

VSpace* vspace_of(const Thread& thread) {
    const Capability& cap = thread.slot(ThreadSlot::VSpace).cap;
    if (cap.kind != CapKind::VSpace || !cap.is_mapped) return nullptr;
    auto* vspace = cap.as<VSpace>();
    return vspace->asid == cap.asid ? vspace : nullptr;
}

std::optional<PhysicalAddress> ipc_buffer_of(const Thread& thread) {
    const Capability& frame = thread.slot(ThreadSlot::IpcBuffer).cap;
    if (frame.kind != CapKind::Frame) return std::nullopt;
    return frame.address + (thread.ipc_buffer_address & ((Word{1} << frame.size_bits) - 1));
}

Registers& registers_of(Thread& thread) { return thread.registers; }
FloatingPoint& floating_point_of(Thread& thread) { return thread.floating_point; }
void*& front_end_of(VSpace& vspace) { return vspace.front_end; }
unsigned number_of(const Thread& thread) { return thread.number; }
unsigned number_of(const VSpace& vspace) { return vspace.number; }

}  // namespace kos::sim
