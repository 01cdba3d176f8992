// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An Arm PL011 UART. Source: PrimeCell UART (PL011) Technical Reference Manual, r1p5, §3.3.
// Sending polls, receiving is driven by the interrupt. The firmware or the kernel has set the line
// up. Left out: baud rates, modem lines, DMA.
#pragma once

#include "lib/msg/control_writer.hpp"
#include "lib/sel4/types.hpp"
#include "rootserver/console/port.hpp"

#include <string_view>

namespace kos::rootserver {

class Pl011 {
   public:
    /// \p registers: where the device's page lies in the VSpace.
    explicit Pl011(sel4::Word registers) : registers_(registers) {}

    void put(std::string_view bytes);
    /// Turns the receiver and its interrupt on.
    void enable_receiver();
    /// Takes bytes that have come, as many as fit; a byte that came with an error (framing, parity,
    /// break, overrun) is noise_byte.
    std::size_t take(MutableBytes into);

    [[nodiscard]] msg::ConsoleSink sink();
    [[nodiscard]] ConsoleSource source(unsigned interrupt);

   private:
    void put(char character);

    sel4::Word registers_;
};

}  // namespace kos::rootserver
