// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The contract program: the initial thread in the root server's place. It plays the traces that its
// parameters ask for, and says on the console what the kernel made of them.
#include "lib/base/panic.hpp"
#include "lib/sel4/syscall.hpp"
#include "rootserver/boot/boot_parameters.hpp"
#include "tests/contract/parameters.hpp"
#include "tests/contract/program/boot_report.hpp"
#include "tests/contract/program/scenes.hpp"
#include "tests/contract/program/stage.hpp"
#include "tests/contract/program/trace.hpp"
#include "tests/contract/program/window.hpp"

#include <new>

namespace kos::contract {

namespace {

using rootserver::RootCSpace;
using rootserver::RootMemory;

/// Filled in by the driver: volatile, or the compiler would know what is in it.
constinit volatile Parameters parameters;

constinit sel4::IpcBuffer* own_ipc_buffer = nullptr;
constinit rootserver::Pl011* console = nullptr;
constinit sel4::Word console_registers = 0;

template <class T>
struct Storage {
    alignas(T) std::byte bytes[sizeof(T)];
    template <class... Arguments>
    T& make(Arguments&&... arguments) {
        return *new (bytes) T{std::forward<Arguments>(arguments)...};
    }
};
constinit Storage<RootMemory> memory_storage{};
constinit Storage<rootserver::Pl011> console_storage{};
constinit Storage<Recorder> recorder_storage{};
constinit Storage<Trace> trace_storage{};

template <class T>
T& kernel_made(sel4::Word address) {
    return *reinterpret_cast<T*>(sel4::vspace_pointer(address));
}

[[noreturn]] void halt() {
    for (;;) (void)sel4::tcb_suspend(sel4::Cap<sel4::Tcb>{sel4::root_slot::tcb});
}

Attempt<> open_console(RootMemory& memory, PhysicalAddress registers) {
    const sel4::CPtr slot = KOS_TRY(memory.slot({"the console"}));
    const PhysicalAddress page = registers.aligned_down(page_size);
    KOS_TRY(memory.make_device_frames(page, 1, page_bits, memory.window(), slot.value));
    KOS_TRY(prepare_window(memory));
    KOS_TRY(map_page(sel4::Cap<sel4::Frame>{slot}, window::console,
                     sel4::VmAttributes::DeviceExecuteNever));
    console_registers = (window::console + (registers - page)).value();
    console = &console_storage.make(console_registers);
    return {};
}

/// Device memory behind all that a board of ours has.
sel4::CPtr device_untyped(const sel4::BootInfo& boot_info) {
    constexpr sel4::Word lowest = 0x1'0000'0000;
    for (sel4::Word i = 0; i < boot_info.untyped.count(); ++i) {
        const sel4::UntypedDescription& each = boot_info.untypeds[i];
        if (each.is_device == 0 || each.size_bits < device_arena_bits) continue;
        if (each.physical_address >= lowest) return {boot_info.untyped.start + i};
    }
    return {};
}

Attempt<> play(const sel4::BootInfo& boot_info, RootMemory& memory, Recorder& recorder,
               unsigned console_interrupt) {
    RootCSpace cspace =
        KOS_TRY(RootCSpace::create(memory, static_cast<unsigned>(boot_info.root_cnode_bits)));
    Stage stage{{memory, cspace, sel4::Cap<sel4::SchedControl>{boot_info.sched_control.start},
                 device_untyped(boot_info)}};
    KOS_TRY(stage.create());
    if (parameters.traces == 0) {
        return play_scenes(stage, recorder, {console_registers, console_interrupt});
    }
    const std::uint64_t first = parameters.first_seed, steps = parameters.steps;
    const bool ignores_serror = parameters.ignores_serror != 0;
    for (std::uint64_t seed = first; seed < first + parameters.traces; ++seed) {
        KOS_TRY(trace_storage.make(stage, recorder, seed, ignores_serror).run(steps));
    }
    return {};
}

[[noreturn]] void run(sel4::Word boot_info_address) {
    const auto& boot_info = kernel_made<const sel4::BootInfo>(boot_info_address);
    own_ipc_buffer = &kernel_made<sel4::IpcBuffer>(boot_info.ipc_buffer);
    const Bytes extra{sel4::vspace_pointer(boot_info_address + page_size), boot_info.extra_length};
    const auto boot = rootserver::read_boot_parameters(extra);
    if (!boot || !boot->console || !boot->console_interrupt) halt();
    sel4::set_abi(boot->kernel_abi);
    RootMemory& memory = memory_storage.make(boot_info);
    if (!open_console(memory, *boot->console)) halt();

    Recorder& recorder = recorder_storage.make(*console, parameters.listing != 0);
    report_boot_info(boot_info, extra, recorder);
    const Attempt<> played = play(boot_info, memory, recorder, *boot->console_interrupt);
    if (!played) recorder.print(rootserver::describe(played.error()));
    recorder.print_coverage();
    recorder.print(Line{}.text("end"));
    halt();
}

}  // namespace

}  // namespace kos::contract

namespace kos {

void panic_handler(const char* message) {
    if (contract::console != nullptr) {
        contract::console->put("@panic ");
        contract::console->put(message);
        contract::console->put("\n@end\n");
    }
    contract::halt();
}

sel4::IpcBuffer& sel4::ipc_buffer() { return *contract::own_ipc_buffer; }

}  // namespace kos

/// Called by the root server's entry code, which this program shares.
extern "C" [[noreturn]] void root_server_main(kos::sel4::Word boot_info) {
    kos::contract::run(boot_info);
}
