// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/volume_port.hpp"

#include "lib/sel4/invoke.hpp"
#include "lib/sel4/syscall.hpp"

namespace kos::vmm {

namespace {

volatile std::uint32_t& register_at(VirtualAddress registers, std::uint32_t offset) {
    return *reinterpret_cast<volatile std::uint32_t*>(
        sel4::vspace_pointer((registers + offset).value()));
}

/// Memory and registers are of two kinds, whose accesses the processor may reorder.
void order_accesses() {
#ifdef __aarch64__
    asm volatile("dsb sy" ::: "memory");
#endif
}

}  // namespace

std::uint32_t VolumePort::read(std::uint32_t offset) {
    const std::uint32_t value = register_at(registers_, offset);
    order_accesses();
    return value;
}

void VolumePort::write(std::uint32_t offset, std::uint32_t value) {
    order_accesses();
    register_at(registers_, offset) = value;
}

void VolumePort::wait() { (void)sel4::wait(vm::slot::volume_notification); }

void VolumePort::rearm() {
    (void)sel4::irq_handler_ack(sel4::Cap<sel4::IrqHandler>{vm::slot::interrupt(number_)});
}

virtio::DeviceMemory volume_memory(unsigned number, std::uint64_t physical) {
    const std::uint64_t offset = number * vm::volume_memory_part;
    const VirtualAddress address = vm::volume_memory + offset;
    return {{sel4::vspace_pointer(address.value()), vm::volume_memory_part}, physical + offset};
}

}  // namespace kos::vmm
