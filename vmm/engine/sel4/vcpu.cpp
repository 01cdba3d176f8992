// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/vcpu.hpp"

namespace kos::vmm {

bool KernelCpu::inject(unsigned slot, unsigned interrupt, std::uint8_t priority) {
    return sel4::vcpu_inject_irq(vcpu_, slot, interrupt, priority, group_).ok();
}

Result<sel4::UserContext, sel4::Failure> KernelCpu::registers() {
    return sel4::tcb_read_registers(tcb_, false);
}

sel4::Invoked KernelCpu::set_registers(const sel4::UserContext& context) {
    return sel4::tcb_write_registers(tcb_, false, context);
}

Result<sel4::Word, sel4::Failure> KernelCpu::read(sel4::VcpuRegister name) {
    return sel4::vcpu_read_register(vcpu_, name);
}

sel4::Invoked KernelCpu::write(sel4::VcpuRegister name, sel4::Word value) {
    return sel4::vcpu_write_register(vcpu_, name, value);
}

sel4::Invoked KernelCpu::acknowledge(unsigned interrupt) {
    return sel4::vcpu_ack_vppi(vcpu_, interrupt);
}

sel4::Invoked KernelCpu::start(const sel4::UserContext& context) {
    return sel4::tcb_write_registers(tcb_, true, context);
}

}  // namespace kos::vmm
