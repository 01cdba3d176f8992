// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/console/uart.hpp"

#include "lib/sel4/syscall.hpp"

#include <cstdint>

namespace kos::rootserver {

namespace {

enum class Register : sel4::Word { Data = 0x00, Flags = 0x18 };
constexpr std::uint32_t transmit_fifo_full = 1u << 5;

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

msg::ConsoleSink Pl011::sink() {
    return {[](void* uart, std::string_view bytes) { static_cast<Pl011*>(uart)->put(bytes); },
            this};
}

}  // namespace kos::rootserver
