// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/trace.hpp"

#include "hostsim/kernel/kernel.hpp"

#include <string>
#include <utility>

namespace kos::sim {

namespace {

std::string_view name_of(sel4::FaultKind kind) {
    switch (kind) {
        case sel4::FaultKind::None:
            return "no fault";
        case sel4::FaultKind::CapFault:
            return "capability fault";
        case sel4::FaultKind::UnknownSyscall:
            return "unknown system call";
        case sel4::FaultKind::UserException:
            return "user exception";
        case sel4::FaultKind::Timeout:
            return "timeout";
        case sel4::FaultKind::VmFault:
            return "VM fault";
        case sel4::FaultKind::VgicMaintenance:
            return "VGIC maintenance";
        case sel4::FaultKind::VcpuFault:
            return "VCPU fault";
        case sel4::FaultKind::VppiEvent:
            return "VPPI event";
    }
    return "fault";
}

}  // namespace

Trace::Trace(Sink sink) : sink_(std::move(sink)) {}

void Trace::invoked(const InvocationReport& report) { sink_(to_string(report)); }

void Trace::faulted(const Thread& thread, sel4::FaultKind kind, bool handled) {
    std::string line = "thread " + std::to_string(number_of(thread)) + ": ";
    line.append(name_of(kind));
    if (!handled) line.append(", no handler");
    sink_(line);
}

}  // namespace kos::sim
