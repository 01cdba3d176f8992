// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/cpu.hpp"

#include "hostsim/cpu/syndrome.hpp"
#include "hostsim/cpu/time_scale.hpp"
#include "hostsim/cpu/vspace_port.hpp"

#include <algorithm>

namespace kos::sim {

Cpu::Cpu(Kernel& kernel, DeviceBus& devices, CorePool& cores)
    : kernel_(kernel), devices_(devices), cores_(cores) {}

Cpu::~Cpu() {
    for (auto& port : ports_) {
        front_end_of(port->vspace()) = nullptr;
        cores_.give_back(port->release_core());
    }
}

TurnEnd Cpu::run_current(Ticks limit) {
    Thread& thread = *kernel_.current();
    VSpace* vspace = vspace_of(thread);
    if (vspace == nullptr) {
        kernel_.vm_fault(fault_of({.kind = TrapKind::InstructionAbort,
                                   .address = VirtualAddress{registers_of(thread).pc}}));
        return TurnEnd::NoVSpace;
    }
    Port& port = port_of(*vspace);
    load(port, thread);
    const Ticks ticks = std::clamp<Ticks>(kernel_.ticks_until_event(), 1, limit);
    const Trap trap = port.core().run(ticks * instructions_per_tick - instructions_of_tick_);
    port.core().store(registers_of(thread));
    instructions_ += port.core().executed();
    if (trap.kind == TrapKind::Budget) {
        kernel_.advance(ticks_of(port.core().executed()));
        return TurnEnd::Time;
    }
    kernel_.elapse(ticks_of(port.core().executed() + kernel_entry_instructions));
    enter_kernel(trap);
    return trap.kind == TrapKind::SystemCall ? TurnEnd::SystemCall : TurnEnd::Fault;
}

/// Whole ticks that have gone by with `instructions` more; the rest counts next time.
Ticks Cpu::ticks_of(std::uint64_t instructions) {
    instructions_of_tick_ += instructions;
    const Ticks ticks = instructions_of_tick_ / instructions_per_tick;
    instructions_of_tick_ %= instructions_per_tick;
    return ticks;
}

void Cpu::enter_kernel(const Trap& trap) {
    switch (trap.kind) {
        case TrapKind::Budget:
            return;
        case TrapKind::SystemCall:
            return kernel_.system_call();
        case TrapKind::DataAbort:
        case TrapKind::InstructionAbort:
            return kernel_.vm_fault(fault_of(trap));
        case TrapKind::Undefined:
            return kernel_.user_exception(undefined_syndrome, 0);
        case TrapKind::Breakpoint:
            return kernel_.vcpu_fault(breakpoint_syndrome(trap.instruction));
    }
}

void Cpu::load(Port& port, Thread& thread) {
    port.core().load(registers_of(thread));
    if (port.vectors_of == &thread) return;
    // Of the thread in this core, and of this thread in the core of a VSpace that it was in before.
    if (port.vectors_of != nullptr) park_vectors_of(*port.vectors_of);
    park_vectors_of(thread);
    port.core().load(floating_point_of(thread));
    port.vectors_of = &thread;
}

void Cpu::park_vectors_of(const Thread& thread) {
    for (auto& port : ports_) {
        if (port->vectors_of != &thread) continue;
        port->core().store(floating_point_of(*port->vectors_of));
        port->vectors_of = nullptr;
    }
}

Cpu::Port& Cpu::port_of(VSpace& vspace) {
    void*& slot = front_end_of(vspace);
    if (slot == nullptr) {
        // The first VSpace that runs is the initial thread's: it maps memory before it touches it,
        // and drives the console.
        const auto faulting_access =
            is_initial_vspace_known_ ? FaultingAccess::Kept : FaultingAccess::Replaced;
        is_initial_vspace_known_ = true;
        auto core = must(cores_.take(faulting_access),
                         "cpu: the host has no address space left for a VSpace");
        slot = ports_.emplace_back(std::make_unique<Port>(*this, vspace, std::move(core))).get();
    }
    return *static_cast<Port*>(slot);
}

void Cpu::mapped(VSpace& vspace, VirtualAddress address, const Mapping& mapping) {
    if (front_end_of(vspace) != nullptr) port_of(vspace).map(address, mapping);
}

void Cpu::unmapped(VSpace& vspace, VirtualAddress address, std::uint64_t size) {
    if (front_end_of(vspace) != nullptr) port_of(vspace).unmap(address, size);
}

void Cpu::unified(VSpace& vspace, VirtualAddress address, std::uint64_t size) {
    const auto mapping = kernel_.translate(vspace, address);
    if (!mapping) return;
    for (auto& port : ports_) port->core().forget_code(mapping->physical, size);
}

void Cpu::destroyed(VSpace& vspace) {
    if (front_end_of(vspace) == nullptr) return;
    Port& port = port_of(vspace);
    if (port.vectors_of != nullptr) park_vectors_of(*port.vectors_of);
    cores_.give_back(port.release_core());
    front_end_of(vspace) = nullptr;
    std::erase_if(ports_, [&](const auto& candidate) { return candidate.get() == &port; });
}

void Cpu::destroyed(Thread& thread) {
    for (auto& port : ports_) {
        if (port->vectors_of == &thread) port->vectors_of = nullptr;
    }
}

}  // namespace kos::sim
