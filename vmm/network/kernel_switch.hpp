// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A switch by the VMM's own address space and CSpace (lib/message/layout.hpp).
#pragma once

#include "vmm/network/switch_calls.hpp"

#include <cstdint>

namespace kos::vmm {

class KernelSwitch final : public SwitchCalls {
   public:
    /// \p membership: its number among the VMM's, in the order of their areas.
    explicit KernelSwitch(std::uint64_t membership) : membership_(membership) {}

    [[nodiscard]] std::byte* area() const override;
    bool call(ethernet::Call call) override;

   private:
    std::uint64_t membership_;
};

}  // namespace kos::vmm
