// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The parts of a simulated board, wired together in the order in which they need each other.
#pragma once

#include "hostsim/cpu/cpu.hpp"
#include "hostsim/kernel/kernel.hpp"
#include "hostsim/machine/bus.hpp"
#include "hostsim/machine/console.hpp"
#include "hostsim/machine/guest_devices.hpp"
#include "hostsim/machine/machine.hpp"
#include "hostsim/machine/pl011.hpp"
#include "hostsim/machine/trace.hpp"

namespace kos::sim {

struct Machine::Board {
    Board(MachineOptions machine_options, PhysicalMemory physical_memory);

    /// Puts `image` where the board's loader does.
    [[nodiscard]] Outcome<PhysicalRange> place_system_image(Bytes image, std::string_view where);
    /// Starts the kernel with `elf` as the initial thread.
    [[nodiscard]] Outcome<void> boot(Bytes elf, std::optional<PhysicalRange> system_image,
                                     std::string_view where);

    /// Raises the interrupt lines that have gone high: between the turns of threads.
    void deliver_interrupts();

    MachineOptions options;
    std::shared_ptr<CorePool> cores;
    PhysicalMemory memory;
    Kernel kernel;
    Console console;
    Pl011 uart;
    GuestDevices guests;
    Bus bus;
    Cpu cpu;
    Trace trace;
    std::optional<std::chrono::steady_clock::time_point> started;
    bool stop_requested = false;
    bool has_uart_line_risen = false;
    std::array<bool, GuestDevices::count> has_guest_line_risen{};

   private:
    void uart_line_changed(bool is_high);
    void guest_line_changed(std::uint32_t app, bool is_high);
};

}  // namespace kos::sim
