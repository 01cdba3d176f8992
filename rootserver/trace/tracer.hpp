// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Notes every kernel invocation of the root server, and the faults that reach it, and sends them to
// the host in Trace frames (lib/msg/trace.hpp). Only where the boot data asks for it.
//
// It makes no kernel call of its own, so a traced run makes the same invocations as any other.
// What was invoked before there is a console waits in the buffer.
#pragma once

#include "lib/msg/control_writer.hpp"
#include "lib/sel4/fault.hpp"
#include "lib/sel4/observe.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::rootserver {

class Tracer {
   public:
    /// Watches from here on.
    explicit Tracer(const sel4::KernelAbi& abi);
    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;
    ~Tracer();

    /// From here on it can send.
    void attach(msg::ControlWriter& console) { console_ = &console; }
    /// A thread of an app faulted; \p badge tells which.
    void fault(sel4::FaultKind kind, sel4::Word badge);
    /// Sends what it has.
    void flush();

   private:
    void invoked(const sel4::InvocationRecord& record);
    /// Room for so many bytes; empty, and a gap is noted, where there is none.
    MutableBytes room(std::size_t bytes);

    msg::ControlWriter* console_ = nullptr;
    std::uint64_t missing_ = 0;
    std::size_t used_ = 0;
    std::array<std::byte, msg::max_payload> buffer_;
};

}  // namespace kos::rootserver
