// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/board.hpp"

#include "hostsim/machine/device_tree.hpp"
#include "hostsim/machine/memory_map.hpp"
#include "hostsim/machine/program_image.hpp"

#include <cstring>
#include <string>
#include <utility>

namespace kos::sim {

namespace {

std::string_view describe(BootError error) {
    switch (error) {
        case BootError::UserImage:
            return "the root server's image does not lie in normal memory";
        case BootError::Memory:
            return "the memory does not hold the root server's objects";
        case BootError::RootCNode:
            return "the root server's image has more pages than the root CNode has slots";
        case BootError::BootInfo:
            return "the memory falls into more untypeds than boot information can list";
    }
    return "unknown";
}

ErrorCode code_of(BootError error) {
    return error == BootError::RootCNode ? ErrorCode::SlotsExhausted : ErrorCode::UntypedTooSmall;
}

}  // namespace

Machine::Board::Board(MachineOptions machine_options, PhysicalMemory physical_memory)
    : options(std::move(machine_options)),
      cores(options.cores ? options.cores : prepare_cores()),
      memory(std::move(physical_memory)),
      kernel(memory, options.kernel_abi),
      console(options.console),
      uart({.transmit = [this](std::byte byte) { console.receive(byte); },
            .interrupt = [this](bool is_high) { uart_line_changed(is_high); }}),
      guests(options.guests,
             memory.bytes(memory_map::guest_windows, memory_map::guest_windows_size),
             [this](std::uint32_t app, bool is_high) { guest_line_changed(app, is_high); }),
      bus(uart, guests),
      cpu(kernel, bus, *cores),
      trace(options.trace) {
    Hooks hooks{.vspaces = &cpu, .threads = &cpu};
    if (options.trace) {
        hooks.invocations = &trace;
        hooks.faults = &trace;
    }
    if (options.invocations != nullptr) hooks.invocations = options.invocations;
    kernel.set_hooks(hooks);
}

Outcome<PhysicalRange> Machine::Board::place_system_image(Bytes image, std::string_view where) {
    if (image.size() > memory_map::largest_system_image) {
        return fail(ErrorCode::ImageCorrupt, std::string{where},
                    "it has " + std::to_string(image.size()) + " bytes; the board takes " +
                        std::to_string(memory_map::largest_system_image));
    }
    const MutableBytes place = memory.bytes(memory_map::system_image, image.size());
    std::memcpy(place.data(), image.data(), image.size());
    return PhysicalRange{memory_map::system_image, memory_map::system_image + image.size()};
}

Outcome<void> Machine::Board::boot(Bytes elf, std::optional<PhysicalRange> system_image,
                                   std::string_view where) {
    const auto program = elf::File::create(elf);
    if (!program) {
        return fail(ErrorCode::ImageCorrupt, std::string{where},
                    "the root server: " + std::string{elf::describe(program.error())});
    }
    const std::vector<std::byte> device_tree = make_device_tree({
        .memory_size = options.memory_size,
        .system_image = system_image,
        .seed = options.seed,
        .boot_time = options.boot_time,
        .kernel_abi = options.kernel_abi,
        .trace = options.trace_root_server,
        .runs_guests = options.guests != nullptr,
    });
    BootOptions boot_options{.kernel = memory_map::kernel,
                             .user_image = {},
                             .user_image_address = {},
                             .entry = {},
                             .device_tree = device_tree,
                             .root_cnode_bits = options.root_cnode_bits};
    KOS_TRY(place_program(memory, *program, where, boot_options));
    const auto booted = kernel.boot(boot_options);
    if (!booted) {
        return fail(code_of(booted.error()), std::string{where},
                    std::string{describe(booted.error())});
    }
    return {};
}

/// A line that falls does not enter the kernel, so it can do so in the middle of a thread's turn:
/// the driver has read the last byte and is about to acknowledge the interrupt.
void Machine::Board::uart_line_changed(bool is_high) {
    has_uart_line_risen = is_high;
    if (!is_high) kernel.set_interrupt_line(memory_map::uart_irq, false);
}

void Machine::Board::guest_line_changed(std::uint32_t app, bool is_high) {
    has_guest_line_risen[app] = is_high;
    if (!is_high) kernel.set_interrupt_line(memory_map::guests_irq + app, false);
}

void Machine::Board::deliver_interrupts() {
    for (std::uint32_t app = 0; app < GuestDevices::count; ++app) {
        if (std::exchange(has_guest_line_risen[app], false)) {
            kernel.set_interrupt_line(memory_map::guests_irq + app, true);
        }
    }
    if (std::exchange(has_uart_line_risen, false)) {
        kernel.set_interrupt_line(memory_map::uart_irq, true);
    }
}

}  // namespace kos::sim
