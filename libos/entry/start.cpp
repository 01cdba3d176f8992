// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The C++ side of the entries: starting a process, serving a call.
#include "lib/native/address_space.hpp"
#include "lib/native/manager.hpp"
#include "lib/native/process_info.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/manager.hpp"
#include "libos/core/platform.hpp"
#include "libos/core/process.hpp"
#include "libos/dispatch/table.hpp"
#include "libos/memory/initial_data.hpp"
#include "libos/threads/new_thread.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <new>

namespace kos::libos {

namespace {

/// Ends the app before it has started, as a shell would that cannot start it.
[[noreturn]] void refuse(std::string_view reason) {
    manager::log(reason);
    constexpr Word cannot_be_started = 126;
    manager::exit(cannot_be_started << 8);
}

const native::ProcessInfo& process_info() {
    return *reinterpret_cast<const native::ProcessInfo*>(
        sel4::vspace_pointer(native::process_info_address.value()));
}

PrivateMemory map_private_memory() {
    const auto mapped = manager::map(private_range, native::protect_read | native::protect_write);
    if (!mapped) refuse("libos: no memory for its tables");
    return PrivateMemory{{sel4::vspace_pointer(private_range.start.value()),
                          static_cast<std::size_t>(private_range.size)}};
}

/// In libos's own data, since nothing else is there yet.
Process& make_process(const native::ProcessInfo& info) {
    alignas(Process) static constinit std::array<std::byte, sizeof(Process)> storage{};
    PrivateMemory memory = map_private_memory();
    const Bytes initrd{sel4::vspace_pointer(info.initrd_address),
                       static_cast<std::size_t>(info.initrd_size)};
    auto tree = Tree::create(initrd, memory, FileSystem::additions);
    if (!tree) refuse("libos: the root file system's archive is damaged");
    return *new (storage.data()) Process(info, *tree, memory);
}

/// The program's data as its file has it. False where the file is not to be found.
bool fill_data(const Process& process) {
    constexpr Credentials anyone{};
    const auto node = Resolver{process.files.tree(), anyone}.resolve(
        Tree::root, process.text(process.info.executable), LastLink::Follow);
    if (!node) return false;
    const Bytes file = process.files.tree()[*node].data;
    std::size_t number = 0;
    while (const auto data =
               next_initial_data(file, VirtualAddress{process.info.program_entry}, number)) {
        std::memcpy(sel4::vspace_pointer(data->address.value()), data->bytes.data(),
                    data->bytes.size());
    }
    return true;
}

}  // namespace

extern "C" void libos_enter();

extern "C" [[noreturn]] void libos_start_process(native::ThreadBlock& block) {
    name_block(block, 0);
    const native::ProcessInfo& info = process_info();
    manager::set_progress(read_counter(info.virtual_counter != 0));
    block.entry = reinterpret_cast<std::uint64_t>(&libos_enter);
    if (info.magic != native::ProcessInfo::expected_magic) {
        refuse("libos: no process information");
    }
    Process& process = make_process(info);
    set_process(process);
    const auto ready = process.set_up();
    if (!ready) {
        refuse(ready.error() == Errno::Enomem ? "libos: no memory for files"
                                              : "libos: the working directory cannot be entered");
    }
    if (!fill_data(process)) refuse("libos: the program's file cannot be found");
    fill_known(block, process_id);
    manager::set_progress(read_counter());
    enter_program(info.program_entry, info.program_sp);
}

extern "C" void libos_serve(native::ThreadBlock& block) {
    const auto& x = block.saved_x;
    const Arguments arguments{x[0], x[1], x[2], x[3], x[4], x[5]};
    block.result = serve(x[8], arguments).encoded();
}

}  // namespace kos::libos
