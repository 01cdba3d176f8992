// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root server as the initial thread of seL4, or of the simulated kernel.
#include "lib/base/panic.hpp"
#include "lib/sel4/syscall.hpp"
#include "rootserver/boot/root_server.hpp"
#include "rootserver/program/counter.hpp"

#include <new>

namespace kos::rootserver {

namespace {

constexpr std::size_t alarm_stack_bytes = 4096;

alignas(16) constinit std::byte alarm_stack[alarm_stack_bytes];
alignas(RootServer) constinit std::byte root_server_storage[sizeof(RootServer)];
constinit RootServer* root_server = nullptr;
constinit sel4::IpcBuffer* own_ipc_buffer = nullptr;

/// A structure that the kernel put at \p address.
template <class T>
T& kernel_made(sel4::Word address) {
    return *reinterpret_cast<T*>(sel4::vspace_pointer(address));
}

[[noreturn]] void halt() {
    for (;;) (void)sel4::tcb_suspend(sel4::Cap<sel4::Tcb>{sel4::root_slot::tcb});
}

/// Where the alarm thread starts.
[[noreturn]] void alarm_entry(sel4::Word go, sel4::Word expired) {
    run_alarm(sel4::Cap<sel4::Notification>{go}, sel4::Cap<sel4::Notification>{expired});
}

sel4::Word address_of(const void* pointer) { return reinterpret_cast<sel4::Word>(pointer); }

[[noreturn]] void run(sel4::Word boot_info_address) {
    const auto& boot_info = kernel_made<const sel4::BootInfo>(boot_info_address);
    own_ipc_buffer = &kernel_made<sel4::IpcBuffer>(boot_info.ipc_buffer);
    const Bytes extra{sel4::vspace_pointer(boot_info_address + page_size), boot_info.extra_length};
    const auto parameters = read_boot_parameters(extra);
    // Without a device tree there is no console to say it on.
    if (!parameters) halt();

    const bool virtual_counter =
        (parameters->kernel_abi.flags & sel4::KernelAbi::flag_virtual_counter) != 0;
    const Platform platform{
        .boot_info = boot_info,
        .clock = counter_clock(virtual_counter),
        .alarm = {reinterpret_cast<sel4::Word>(&alarm_entry),
                  address_of(alarm_stack + alarm_stack_bytes)},
        .console = {},
        .console_source = {},
    };
    root_server = new (root_server_storage) RootServer{platform, *parameters};
    if (const Attempt<> booted = root_server->boot(); booted) {
        root_server->run();
    } else {
        root_server->report(booted.error());
    }
    halt();
}

}  // namespace

}  // namespace kos::rootserver

namespace kos {

void panic_handler(const char* message) {
    using namespace rootserver;
    if (root_server != nullptr && root_server->console() != nullptr) {
        Line line = describe({ErrorCode::Internal, {message}, 0, {}});
        line.fail_to(*root_server->console(), msg::no_app);
    }
    halt();
}

sel4::IpcBuffer& sel4::ipc_buffer() { return *rootserver::own_ipc_buffer; }

}  // namespace kos

/// Called by the entry code, once there is a stack.
extern "C" [[noreturn]] void root_server_main(kos::sel4::Word boot_info) {
    kos::rootserver::run(boot_info);
}
