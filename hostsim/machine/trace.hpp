// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the simulated kernel sees of a run: a line per invocation and per fault, with its numbers.
// cli/trace makes of a run's invocations what compares with a real kernel.
#pragma once

#include "hostsim/kernel/hooks.hpp"

#include <functional>
#include <string_view>

namespace kos::sim {

class Trace final : public InvocationListener, public FaultListener {
   public:
    using Sink = std::function<void(std::string_view)>;
    explicit Trace(Sink sink);

    void invoked(const InvocationReport& report) override;
    void faulted(const Thread& thread, sel4::FaultKind kind, bool handled) override;

   private:
    Sink sink_;
};

}  // namespace kos::sim
