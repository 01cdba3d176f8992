// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The trace of a run: a line per kernel invocation and per fault, in names and not in numbers, so
// that it compares with one from a real kernel.
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
