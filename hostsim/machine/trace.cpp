// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/trace.hpp"

#include "hostsim/kernel/kernel.hpp"
#include "lib/sel4/fault.hpp"

#include <string>
#include <utility>

namespace kos::sim {

Trace::Trace(Sink sink) : sink_(std::move(sink)) {}

void Trace::invoked(const InvocationReport& report) { sink_(to_string(report)); }

void Trace::faulted(const Thread& thread, sel4::FaultKind kind, bool handled) {
    std::string line = "thread " + std::to_string(number_of(thread)) + ": ";
    line.append(name_of(kind));
    if (!handled) line.append(", no handler");
    sink_(line);
}

}  // namespace kos::sim
