// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What lib/base and lib/sel4 leave to a program, for those of one thread that the root server
// starts: a source of theirs.
#include "lib/base/panic.hpp"
#include "lib/native/address_space.hpp"
#include "lib/sel4/syscall.hpp"
#include "vmm/manager/manager.hpp"

namespace kos {

void panic_handler(const char* message) {
    vmm::own_manager.log(message);
    vmm::own_manager.exit(vmm::own_failure);
}

sel4::IpcBuffer& sel4::ipc_buffer() {
    constexpr VirtualAddress address = native::thread_area(0) + native::thread_ipc_buffer_offset;
    return *reinterpret_cast<IpcBuffer*>(vspace_pointer(address.value()));
}

}  // namespace kos
