// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sends characters through an Arm PL011 UART. Source: PrimeCell UART (PL011) Technical Reference
// Manual, r1p5, §3.3. Polls: the firmware or the kernel has set the line up. Left out: receiving,
// interrupts, baud rates.
#pragma once

#include "lib/msg/control_writer.hpp"
#include "lib/sel4/types.hpp"

#include <string_view>

namespace kos::rootserver {

class Pl011 {
   public:
    /// \p registers: where the device's page lies in the VSpace.
    explicit Pl011(sel4::Word registers) : registers_(registers) {}

    void put(std::string_view bytes);
    [[nodiscard]] msg::ConsoleSink sink();

   private:
    void put(char character);

    sel4::Word registers_;
};

}  // namespace kos::rootserver
