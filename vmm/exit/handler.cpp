// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/exit/handler.hpp"

#include "vmm/psci/psci.hpp"
#include "vmm/vcpu/registers.hpp"

namespace kos::vmm {

namespace {

using sel4::FaultKind;
using sel4::Word;

constexpr Word instruction_bytes = 4;
/// Affinity of the only processor, and AFFINITY_INFO's answer for one that is on.
constexpr std::uint64_t only_processor = 0, affinity_on = 0;

constexpr bool is_debug_register(std::uint32_t encoding) { return encoding >> 14 == 2; }

}  // namespace

Result<Next, sel4::Failure> ExitHandler::handle(FaultKind kind, std::span<const Word> words) {
    switch (kind) {
        case FaultKind::VmFault:
            if (words.size() < sel4::vm_fault::length) break;
            return memory(words);
        case FaultKind::VcpuFault:
            if (words.size() < sel4::vcpu_fault::length) break;
            return processor(words[sel4::vcpu_fault::syndrome]);
        case FaultKind::VppiEvent: {
            if (words.size() < sel4::vppi_event::length) break;
            count(ExitKind::Timer);
            const Word interrupt = words[sel4::vppi_event::interrupt];
            if (interrupt < Interrupts::first_shared) {
                machine_.interrupts().pend(static_cast<unsigned>(interrupt));
            }
            return Next::Run;
        }
        case FaultKind::VgicMaintenance: {
            if (words.size() < sel4::vgic_maintenance::length) break;
            count(ExitKind::Maintenance);
            // −1: an end of what is in no list register.
            const Word slot = words[sel4::vgic_maintenance::index];
            if (slot >= Interrupts::slots) return Next::Run;
            const auto ended = machine_.interrupts().ended(static_cast<unsigned>(slot));
            if (ended == layout::timer_interrupt) KOS_TRY(cpu_.acknowledge(*ended));
            machine_.interrupts().deliver();
            return Next::Run;
        }
        default:
            break;
    }
    // System calls by `hvc`, known or not, and whatever else a program of the kernel's might do.
    return refuse(KOS_TRY(cpu_.registers()), GuestException::Undefined);
}

Result<Next, sel4::Failure> ExitHandler::memory(std::span<const Word> words) {
    const Syndrome syndrome = words[sel4::vm_fault::syndrome];
    sel4::UserContext context = KOS_TRY(cpu_.registers());
    if (words[sel4::vm_fault::is_prefetch] != 0) {
        return refuse(context, GuestException::InstructionAbort);
    }
    const DataAbort abort = data_abort(syndrome);
    if (!abort.described) return refuse(context, GuestException::DataAbort, abort.write);
    const GuestAddress address{words[sel4::vm_fault::address]};
    if (abort.write) {
        const Word value = stored(abort, general_register(context, abort.reg));
        if (!machine_.write(address, abort.size, value)) {
            return refuse(context, GuestException::DataAbort, true);
        }
        count(ExitKind::MmioWrite);
    } else {
        const auto value = machine_.read(address, abort.size);
        if (!value) return refuse(context, GuestException::DataAbort);
        set_general_register(context, abort.reg, loaded(abort, *value));
        count(ExitKind::MmioRead);
    }
    return go_on(context);
}

Result<Next, sel4::Failure> ExitHandler::processor(Syndrome syndrome) {
    sel4::UserContext context = KOS_TRY(cpu_.registers());
    switch (exception_class(syndrome)) {
        case ExceptionClass::Wfx:
            count(ExitKind::Wait);
            return go_on(context, is_wait_for_event(syndrome) ? Next::Run : Next::Wait);
        case ExceptionClass::Smc64:
            count(ExitKind::Smc);
            return firmware(context);
        case ExceptionClass::SystemRegister:
            return system_register(context, syndrome);
        default:
            return refuse(context, GuestException::Undefined);
    }
}

Result<Next, sel4::Failure> ExitHandler::firmware(sel4::UserContext& context) {
    const PsciCall call = psci_call({context.x0, context.x1, context.x2, context.x3});
    context.x0 = call.value;
    switch (call.effect) {
        case PsciEffect::Answer:
            return go_on(context);
        case PsciEffect::Suspend:
            return go_on(context, Next::Wait);
        case PsciEffect::CpuOff:
            // Nobody could switch the only processor on again.
            context.x0 = psci_denied;
            return go_on(context);
        case PsciEffect::CpuOn:
            context.x0 = call.target == only_processor ? psci_already_on : psci_invalid_parameters;
            return go_on(context);
        case PsciEffect::AffinityInfo:
            context.x0 = call.target == only_processor ? affinity_on : psci_invalid_parameters;
            return go_on(context);
        case PsciEffect::SystemOff:
            return Next::PowerOff;
        case PsciEffect::SystemReset:
            return Next::Reset;
    }
    return go_on(context);
}

Result<Next, sel4::Failure> ExitHandler::system_register(sel4::UserContext& context,
                                                         Syndrome syndrome) {
    const SystemAccess access = system_access(syndrome);
    const bool v3 = machine_.has_gic_v3();
    Word value = 0;
    if (v3 && access.encoding == icc_sgi1r_el1 && !access.read) {
        machine_.gic_v3().send_software_interrupt(general_register(context, access.reg));
    } else if (v3 && access.encoding == icc_sre_el1) {
        value = GicV3::icc_sre;
    } else if (!is_debug_register(access.encoding)) {
        return refuse(context, GuestException::Undefined);
    }
    count(ExitKind::SystemRegister);
    if (access.read) set_general_register(context, access.reg, value);
    return go_on(context);
}

Result<Next, sel4::Failure> ExitHandler::refuse(const sel4::UserContext& context,
                                                GuestException exception, bool write) {
    count(ExitKind::Refused);
    KOS_TRY(raise(cpu_, context, exception, write));
    return Next::Run;
}

Result<Next, sel4::Failure> ExitHandler::go_on(sel4::UserContext& context, Next next) {
    context.pc += instruction_bytes;
    KOS_TRY(cpu_.set_registers(context));
    return next;
}

}  // namespace kos::vmm
