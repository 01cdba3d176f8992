// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// VCPU invocations (manual §6.6, A.3.2).
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/sizes.hpp"
#include "hostsim/kernel/thread.hpp"
#include "hostsim/kernel/vcpu.hpp"

namespace kos::sim {

namespace {

using Label = sel4::Invocation;

/// SCTLR_EL1 of a guest that starts: MMU off.
constexpr Word initial_sctlr = 0x34d5'8820;
constexpr Word virtual_timer_irq = 27;

Vcpu& target_of(const Invocation& invocation) { return *invocation.cap.as<Vcpu>(); }

Invoked set_tcb(const Invocation& invocation) {
    if (!invocation.carries(0, 1)) return Err{truncated_message()};
    const Capability& thread = invocation.extra_cap(0)->cap;
    if (thread.kind != CapKind::Thread) return Err{illegal_operation()};
    associate(target_of(invocation), *thread.as<Thread>());
    return {};
}

/// In one word: interrupt, priority, group, list register. None is ever active, as no guest runs.
Invoked inject_irq(const Invocation& invocation) {
    if (!invocation.carries(1, 0)) return Err{truncated_message()};
    const Word word = invocation.word(0);
    struct Field {
        unsigned shift;
        Word mask, highest;
    };
    constexpr Field fields[] = {
        {0, 0xffff, 1023}, {16, 0xff, 31}, {24, 0xff, 1}, {32, 0xff, vcpu_list_registers - 1}};
    for (const Field& field : fields) {
        if ((word >> field.shift & field.mask) > field.highest) {
            return Err{range_error(0, field.highest)};
        }
    }
    return {};
}

Invoked read_register(const Invocation& invocation) {
    if (!invocation.carries(1, 0)) return Err{truncated_message()};
    const Word number = invocation.word(0);
    if (number >= vcpu_registers) return Err{invalid_argument(1)};
    invocation.answer({target_of(invocation).registers[number]});
    return {};
}

Invoked write_register(const Invocation& invocation) {
    if (!invocation.carries(2, 0)) return Err{truncated_message()};
    const Word number = invocation.word(0);
    if (number >= vcpu_registers) return Err{invalid_argument(1)};
    target_of(invocation).registers[number] = invocation.word(1);
    return {};
}

Invoked acknowledge(const Invocation& invocation) {
    if (!invocation.carries(1, 0)) return Err{truncated_message()};
    const Word irq = invocation.word(0);
    if (irq > max_irq) return Err{range_error(0, max_irq)};
    if (irq != virtual_timer_irq) return Err{invalid_argument(0)};
    return {};
}

}  // namespace

Vcpu::Vcpu() : Object(ObjectKind::Vcpu) { registers[0] = initial_sctlr; }

void associate(Vcpu& vcpu, Thread& thread) {
    if (thread.vcpu != nullptr) dissociate(*thread.vcpu);
    dissociate(vcpu);
    thread.vcpu = &vcpu;
    vcpu.thread = &thread;
}

void dissociate(Vcpu& vcpu) {
    if (vcpu.thread == nullptr) return;
    vcpu.thread->registers.spsr = sanitised_spsr(vcpu.thread->registers.spsr);
    vcpu.thread->vcpu = nullptr;
    vcpu.thread = nullptr;
}

Invoked invoke_vcpu(const Invocation& invocation) {
    if (!invocation.label) return Err{illegal_operation()};
    switch (*invocation.label) {
        case Label::VcpuSetTcb:
            return set_tcb(invocation);
        case Label::VcpuInjectIrq:
            return inject_irq(invocation);
        case Label::VcpuReadRegs:
            return read_register(invocation);
        case Label::VcpuWriteRegs:
            return write_register(invocation);
        case Label::VcpuAckVppi:
            return acknowledge(invocation);
        default:
            return Err{illegal_operation()};
    }
}

}  // namespace kos::sim
