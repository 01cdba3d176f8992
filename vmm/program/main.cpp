// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// vmm.elf: the VMM of one guest, as a program of the root server's.
#include "lib/base/panic.hpp"
#include "lib/sel4/abi.hpp"
#include "lib/sel4/syscall.hpp"
#include "lib/vm/info.hpp"
#include "lib/vm/layout.hpp"
#include "vmm/engine/external/engine.hpp"
#include "vmm/engine/sel4/run.hpp"
#include "vmm/manager/manager.hpp"

namespace kos::vmm {

namespace {

std::uint64_t virtual_counter() {
    std::uint64_t value;
    asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
    return value;
}

std::uint64_t physical_counter() {
    std::uint64_t value;
    asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value));
    return value;
}

[[noreturn]] void run() {
    const auto& info =
        *reinterpret_cast<const vm::VmInfo*>(sel4::vspace_pointer(vm::info_address.value()));
    if (info.magic != vm::VmInfo::expected_magic) panic("VmInfo is of another version");
    sel4::set_abi(info.kernel_abi);
    if (info.engine == vm::Engine::External) external::run(own_manager, info);
    if (info.engine != vm::Engine::Kernel) panic("the VMM's plan names no engine");
    run_on_kernel(info, info.virtual_counter != 0 ? virtual_counter : physical_counter);
}

}  // namespace

}  // namespace kos::vmm

/// Called by the entry code, once there is a stack.
extern "C" [[noreturn]] void program_main() { kos::vmm::run(); }
