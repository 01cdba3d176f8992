// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/console/uart.hpp"

#include "lib/sel4/syscall.hpp"

#include <cstdint>

namespace kos::rootserver {

namespace {

enum class Register : sel4::Word {
    Data = 0x00,
    Flags = 0x18,
    LineControl = 0x2c,
    Control = 0x30,
    InterruptMask = 0x38,
};
constexpr std::uint32_t data_errors = 0xf00;
constexpr std::uint32_t receive_fifo_empty = 1u << 4, transmit_fifo_full = 1u << 5;
constexpr std::uint32_t fifos_enabled = 1u << 4;
constexpr std::uint32_t uart_enabled = 1u << 0, receive_enabled = 1u << 9;
constexpr std::uint32_t interrupt_receive = 1u << 4, interrupt_receive_timeout = 1u << 6;

volatile std::uint32_t& device_register(sel4::Word base, Register which) {
    // The one place that turns an address of the device's page into its register.
    return *reinterpret_cast<volatile std::uint32_t*>(
        sel4::vspace_pointer(base + static_cast<sel4::Word>(which)));
}

}  // namespace

void Pl011::put(char character) {
    while ((device_register(registers_, Register::Flags) & transmit_fifo_full) != 0) {
    }
    device_register(registers_, Register::Data) = static_cast<unsigned char>(character);
}

void Pl011::put(std::string_view bytes) {
    for (const char character : bytes) put(character);
}

void Pl011::enable_receiver() {
    volatile std::uint32_t& line_control = device_register(registers_, Register::LineControl);
    volatile std::uint32_t& control = device_register(registers_, Register::Control);
    const std::uint32_t enabled = control | uart_enabled | receive_enabled;
    // The line control register may only be written while the UART is off (§3.3.7).
    if ((line_control & fifos_enabled) == 0) {
        control = enabled & ~uart_enabled;
        line_control = line_control | fifos_enabled;
    }
    control = enabled;
    device_register(registers_, Register::InterruptMask) =
        interrupt_receive | interrupt_receive_timeout;
}

std::size_t Pl011::take(MutableBytes into) {
    std::size_t taken = 0;
    while (taken < into.size() &&
           (device_register(registers_, Register::Flags) & receive_fifo_empty) == 0) {
        const std::uint32_t data = device_register(registers_, Register::Data);
        into[taken++] =
            (data & data_errors) != 0 ? noise_byte : static_cast<std::byte>(data & 0xff);
    }
    return taken;
}

msg::ConsoleSink Pl011::sink() {
    return {[](void* uart, std::string_view bytes) { static_cast<Pl011*>(uart)->put(bytes); },
            this};
}

ConsoleSource Pl011::source(unsigned interrupt) {
    return {[](void* uart, MutableBytes into) { return static_cast<Pl011*>(uart)->take(into); },
            this, interrupt};
}

}  // namespace kos::rootserver
