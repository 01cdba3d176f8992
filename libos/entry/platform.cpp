// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What libos stands on as a program of its own: registers of the processor, the IPC buffer, the
// end after a broken invariant.
#include "libos/core/platform.hpp"

#include "lib/base/panic.hpp"
#include "lib/native/process_info.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/manager.hpp"
#include "libos/core/process.hpp"

namespace kos {

namespace libos {

native::ThreadBlock& current_block() {
    native::ThreadBlock* block;
    asm("mrs %0, tpidrro_el0" : "=r"(block));
    return *block;
}

std::uint64_t read_counter() { return read_counter(process().info.virtual_counter != 0); }

std::uint64_t read_counter(bool virtual_view) {
    std::uint64_t value;
    if (virtual_view) {
        asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value) : : "memory");
    } else {
        asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
    }
    return value;
}

extern "C" [[noreturn]] void enter_program_at(std::uint64_t entry, std::uint64_t stack_pointer);

void enter_program(std::uint64_t entry, std::uint64_t stack_pointer) {
    enter_program_at(entry, stack_pointer);
}

}  // namespace libos

sel4::IpcBuffer& sel4::ipc_buffer() {
    return *reinterpret_cast<IpcBuffer*>(libos::current_block().ipc_buffer);
}

void panic_handler(const char* message) {
    libos::manager::log(message);
    constexpr libos::Word aborted = 6;  // SIGABRT
    libos::manager::exit(aborted);
}

}  // namespace kos
