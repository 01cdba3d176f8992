// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/threads/new_thread.hpp"

#include "lib/native/address_space.hpp"
#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"

namespace kos::libos {

void fill_block(Word number, const NewThread& request, const native::ThreadBlock& parent) {
    const VirtualAddress address = native::thread_block_address(number);
    auto& block = *reinterpret_cast<native::ThreadBlock*>(sel4::vspace_pointer(address.value()));
    block = parent;
    name_block(block, number);
    block.result = 0;
    block.thread_pointer = request.thread_pointer;
    block.saved_sp = request.stack;
}

void name_block(native::ThreadBlock& block, Word number) {
    block.self = native::thread_block_address(number).value();
    // The stack ends where the block begins.
    block.stack_top = block.self;
    block.ipc_buffer = (native::thread_area(number) + native::thread_ipc_buffer_offset).value();
    block.index = number;
    block.notification = native::app_slot::notification(number).value;
}

}  // namespace kos::libos
