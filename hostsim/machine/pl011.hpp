// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An ARM PrimeCell UART (PL011, ARM DDI 0183, chapter 3), whose line is infinitely fast: the
// transmit FIFO is always empty, and the receive FIFO is refilled as it is read. It receives with
// its FIFO on or off, as QEMU's model does: the receive interrupt is raised while a byte waits, the
// transmit interrupt from each byte sent until it is cleared.
// Other control registers keep what is written to them. Left out: DMA, modem lines, errors, the
// receive timeout.
#pragma once

#include "lib/base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

namespace kos::sim {

class Pl011 {
   public:
    struct Wires {
        /// Gets each byte that is sent.
        std::function<void(std::byte)> transmit;
        /// Told when the interrupt line changes.
        std::function<void(bool is_high)> interrupt;
    };
    explicit Pl011(Wires wires);

    /// Bytes on their way to the board.
    void receive(Bytes bytes);

    /// Nothing where no register is. Reading the data register takes a byte.
    [[nodiscard]] std::optional<std::uint32_t> read(std::uint64_t offset);
    bool write(std::uint64_t offset, std::uint32_t value);

   private:
    enum class Register : std::uint64_t {
        Data = 0x00,
        ReceiveStatus = 0x04,
        Flags = 0x18,
        Control = 0x30,
        InterruptMask = 0x38,
        RawInterrupts = 0x3c,
        MaskedInterrupts = 0x40,
        InterruptClear = 0x44,
        LastControl = 0x48,
        PeripheralId0 = 0xfe0,
    };
    static constexpr std::uint32_t flag_receive_fifo_empty = 1u << 4;
    static constexpr std::uint32_t flag_transmit_fifo_empty = 1u << 7;
    static constexpr std::uint32_t interrupt_receive = 1u << 4, interrupt_transmit = 1u << 5;
    static constexpr std::uint32_t control_at_reset = 0x300;  // receiver and transmitter on

    [[nodiscard]] std::uint32_t& control(Register which) {
        return control_[static_cast<std::uint64_t>(which) / 4];
    }
    [[nodiscard]] std::uint32_t raw_interrupts() const {
        return (received_.empty() ? 0 : interrupt_receive) | (has_sent_ ? interrupt_transmit : 0);
    }
    std::uint32_t take();
    void update_line();

    Wires wires_;
    std::array<std::uint32_t, 0x4c / 4> control_{};
    std::deque<std::byte> received_;
    bool has_sent_ = false;  ///< since the transmit interrupt was cleared
    bool is_line_high_ = false;
};

}  // namespace kos::sim
