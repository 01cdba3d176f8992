// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The switch of a network, as a VMM has it: memory shared with it, and Calls to it.
#pragma once

#include "lib/ethernet/area.hpp"

#include <cstddef>

namespace kos::vmm {

class SwitchCalls {
   public:
    /// Of ethernet::area_size bytes.
    [[nodiscard]] virtual std::byte* area() const = 0;
    /// False where the switch refuses it.
    virtual bool call(ethernet::Call call) = 0;

   protected:
    ~SwitchCalls() = default;
};

}  // namespace kos::vmm
