// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// List registers of a test.
#pragma once

#include "vmm/gic/interrupts.hpp"

#include <utility>
#include <vector>

namespace kos::vmm {

struct FakeInjector final : Injector {
    struct Injected {
        unsigned slot, interrupt;
        std::uint8_t priority;
        friend bool operator==(const Injected&, const Injected&) = default;
    };
    bool inject(unsigned slot, unsigned interrupt, std::uint8_t priority) override {
        if (refuses) return false;
        injected.push_back({slot, interrupt, priority});
        return true;
    }
    /// What was injected since the last call.
    std::vector<Injected> take() { return std::exchange(injected, {}); }

    std::vector<Injected> injected;
    bool refuses = false;
};

}  // namespace kos::vmm
