// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/threads/new_thread.hpp"

#include "lib/native/address_space.hpp"
#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/process.hpp"

#include <algorithm>

namespace kos::libos {

void fill_block(Word number, const NewThread& request, const native::ThreadBlock& parent) {
    const VirtualAddress address = native::thread_block_address(number);
    auto& block = *reinterpret_cast<native::ThreadBlock*>(sel4::vspace_pointer(address.value()));
    block = parent;
    name_block(block, number);
    block.result = 0;
    block.thread_pointer = request.thread_pointer;
    block.saved_sp = request.stack;
    fill_known(block, request.id);
}

void name_block(native::ThreadBlock& block, Word number) {
    block.self = native::thread_block_address(number).value();
    // The stack ends where the block begins.
    block.stack_top = block.self;
    block.ipc_buffer = (native::thread_area(number) + native::thread_ipc_buffer_offset).value();
    block.index = number;
    block.notification = native::app_slot::notification(number).value;
}

void fill_known(native::ThreadBlock& block, std::uint32_t id) {
    constexpr Word no_parent = 0;
    const Credentials& credentials = process().files.credentials();
    const Word user = credentials.user, group = credentials.group;
    const Word known[] = {process_id, no_parent, user, user, group, group, id};
    static_assert(std::size(known) == native::known_calls);
    std::ranges::copy(known, block.known);
}

}  // namespace kos::libos
