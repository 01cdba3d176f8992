// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: an invocation that the kernel refuses.
#pragma once

#include "hostsim/inprocess/system.hpp"

#include <optional>

namespace kos::rootserver::testing {

/// Refuses one invocation after a number of others.
class RefuseOne : public sim::FailureInjector {
   public:
    std::optional<sim::InjectedFailure> fail(const sim::Thread&,
                                             std::optional<sel4::Invocation> invocation) override {
        if (!armed || left-- > 0) return std::nullopt;
        armed = false;
        refused = invocation;
        return sim::InjectedFailure{.error = sel4::Error::NotEnoughMemory};
    }

    bool armed = false;
    int left = 0;
    std::optional<sel4::Invocation> refused;
};

}  // namespace kos::rootserver::testing
