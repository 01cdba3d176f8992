// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A virtual CPU of seL4's: a VCPU object and the thread that carries it.
#pragma once

#include "vmm/boot/device_tree.hpp"
#include "vmm/exit/cpu.hpp"

namespace kos::vmm {

class KernelCpu final : public VirtualCpu {
   public:
    KernelCpu(sel4::Cap<sel4::Vcpu> vcpu, sel4::Cap<sel4::Tcb> tcb, GicVersion gic)
        : vcpu_(vcpu), tcb_(tcb), group_(gic == GicVersion::V3 ? 1 : 0) {}

    bool inject(unsigned slot, unsigned interrupt, std::uint8_t priority) override;
    Result<sel4::UserContext, sel4::Failure> registers() override;
    sel4::Invoked set_registers(const sel4::UserContext& context) override;
    Result<sel4::Word, sel4::Failure> read(sel4::VcpuRegister name) override;
    sel4::Invoked write(sel4::VcpuRegister name, sel4::Word value) override;
    sel4::Invoked acknowledge(unsigned interrupt) override;
    /// Its first instruction.
    sel4::Invoked start(const sel4::UserContext& context);

   private:
    sel4::Cap<sel4::Vcpu> vcpu_;
    sel4::Cap<sel4::Tcb> tcb_;
    /// GICv2's guests see group 0 as interrupts, GICv3's group 1.
    sel4::Word group_;
};

}  // namespace kos::vmm
