// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "boot/console.hpp"

namespace kos::boot {

namespace {

/// Transmit register, status register, and when another byte may be written.
struct Uart {
    std::uint32_t data_offset;
    std::uint32_t status_offset;
    std::uint32_t status_mask;
    std::uint32_t ready_value;  ///< of status & mask
};

// PL011: ARM DDI 0183, UARTFR.TXFF. Cadence: Zynq UltraScale+ UG1087, Channel_sts.TXFULL. i.MX
// UART: UTS.TXFULL. Meson: STATUS.TX_FULL. BCM2835 mini UART: AUX_MU_LSR bit 5.
constexpr Uart uart_of(boards::UartKind kind) {
    switch (kind) {
        case boards::UartKind::Cadence:
            return {0x30, 0x2c, 1u << 4, 0};
        case boards::UartKind::Imx:
            return {0x40, 0xb4, 1u << 4, 0};
        case boards::UartKind::Meson:
            return {0x00, 0x0c, 1u << 21, 0};
        case boards::UartKind::Bcm2835Mini:
            return {0x40, 0x54, 1u << 5, 1u << 5};
        case boards::UartKind::Pl011:
            break;
    }
    return {0x00, 0x18, 1u << 5, 0};
}

std::uint64_t base = 0;
Uart uart{};

volatile std::uint32_t& reg(std::uint32_t offset) {
    return *reinterpret_cast<volatile std::uint32_t*>(base + offset);
}

void put(char c) {
    if (base == 0) return;
    while ((reg(uart.status_offset) & uart.status_mask) != uart.ready_value) {
    }
    reg(uart.data_offset) = static_cast<unsigned char>(c);
}

}  // namespace

void open_console(boards::UartKind kind, std::uint64_t address) {
    base = address;
    uart = uart_of(kind);
    // Firmware usually leaves the line on; QEMU's Cadence UART starts switched off.
    if (kind == boards::UartKind::Cadence) {
        reg(0x00) = 0x14;  // receiver and transmitter on
        reg(0x04) = 0x20;  // 8 bits, no parity, 1 stop bit
    }
}

void print(std::string_view text) {
    for (const char c : text) {
        if (c == '\n') put('\r');
        put(c);
    }
}

void print_hex(std::uint64_t value) {
    print("0x");
    int shift = 60;
    while (shift > 0 && (value >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 0xf]);
}

void halt(const Problem& problem) {
    print(halt_prefix);
    print(entry_of(problem.code).code);
    print(": ");
    print(problem.what);
    if (problem.value != 0) {
        print(": ");
        print_hex(problem.value);
    }
    print("\n");
    for (;;) asm volatile("wfe");
}

}  // namespace kos::boot
