// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's processor that has stopped, as the exit handler needs it.
#pragma once

#include "lib/sel4/invoke.hpp"
#include "vmm/gic/interrupts.hpp"

namespace kos::vmm {

class VirtualCpu : public Injector {
   public:
    virtual Result<sel4::UserContext, sel4::Failure> registers() = 0;
    virtual sel4::Invoked set_registers(const sel4::UserContext& context) = 0;
    virtual Result<sel4::Word, sel4::Failure> read(sel4::VcpuRegister name) = 0;
    virtual sel4::Invoked write(sel4::VcpuRegister name, sel4::Word value) = 0;
    /// Lets the private interrupt \p interrupt come again.
    virtual sel4::Invoked acknowledge(unsigned interrupt) = 0;

   protected:
    ~VirtualCpu() = default;
};

}  // namespace kos::vmm
