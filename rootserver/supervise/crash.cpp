// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/crash.hpp"

#include "lib/sel4/fault.hpp"

namespace kos::rootserver {

namespace {

// Arm ARM, D17.2.37: fields of ESR, and the values that tell one cause from another.
constexpr sel4::Word exception_class(sel4::Word syndrome) { return syndrome >> 26 & 0x3f; }
constexpr sel4::Word class_pc_alignment = 0x22, class_sp_alignment = 0x26, class_breakpoint = 0x3c;
constexpr sel4::Word fault_status(sel4::Word syndrome) { return syndrome & 0x3f; }
constexpr sel4::Word status_alignment = 0x21;

Signal signal_of_exception(sel4::Word syndrome) {
    switch (exception_class(syndrome)) {
        case class_pc_alignment:
        case class_sp_alignment:
            return Signal::Bus;
        case class_breakpoint:
            return Signal::Trap;
        default:
            return Signal::Illegal;
    }
}

}  // namespace

std::string_view name_of(Signal signal) {
    switch (signal) {
        case Signal::Illegal:
            return "SIGILL (illegal instruction)";
        case Signal::Trap:
            return "SIGTRAP (breakpoint)";
        case Signal::Bus:
            return "SIGBUS (misaligned access)";
        case Signal::Kill:
            return "SIGKILL";
        case Signal::Segmentation:
            return "SIGSEGV (segmentation fault)";
        case Signal::BadSystemCall:
            return "SIGSYS (system call that was not rewritten)";
    }
    return "unknown signal";
}

MemoryAccess memory_access_of(const Incoming& fault) {
    const sel4::Word syndrome = fault.word(sel4::vm_fault::syndrome);
    Access access = sel4::is_write_fault(syndrome) ? Access::Write : Access::Read;
    if (fault.word(sel4::vm_fault::is_prefetch) != 0) access = Access::Fetch;
    return {VirtualAddress{fault.word(sel4::vm_fault::address)}, access,
            fault_status(syndrome) == status_alignment};
}

Crash crash_of(const Incoming& fault, std::uint64_t thread) {
    switch (static_cast<sel4::FaultKind>(fault.label())) {
        case sel4::FaultKind::VmFault: {
            const MemoryAccess access = memory_access_of(fault);
            return {access.is_misaligned ? Signal::Bus : Signal::Segmentation, thread, access, {}};
        }
        case sel4::FaultKind::UnknownSyscall:
            return {Signal::BadSystemCall, thread, {}, fault.word(sel4::unknown_syscall::number)};
        case sel4::FaultKind::UserException:
            return {signal_of_exception(fault.word(sel4::user_exception::number)), thread, {}, {}};
        case sel4::FaultKind::VcpuFault:
            return {signal_of_exception(fault.word(0)), thread, {}, {}};
        default:
            return {Signal::Segmentation, thread, {}, {}};
    }
}

}  // namespace kos::rootserver
