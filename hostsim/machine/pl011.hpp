// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The transmitting half of an ARM PrimeCell UART (PL011, ARM DDI 0183, chapter 3), whose line is
// infinitely fast: the transmit FIFO is always empty. Control registers keep what is written to
// them. Left out: receiving, interrupts, DMA, errors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace kos::sim {

class Pl011 {
   public:
    /// `transmit` gets each byte that is sent.
    explicit Pl011(std::function<void(std::byte)> transmit);

    /// Nothing where no register is.
    [[nodiscard]] std::optional<std::uint32_t> read(std::uint64_t offset) const;
    bool write(std::uint64_t offset, std::uint32_t value);

   private:
    enum class Register : std::uint64_t {
        Data = 0x00,
        ReceiveStatus = 0x04,
        Flags = 0x18,
        LastControl = 0x48,
        PeripheralId0 = 0xfe0,
    };
    static constexpr std::uint32_t flag_receive_fifo_empty = 1u << 4;
    static constexpr std::uint32_t flag_transmit_fifo_empty = 1u << 7;

    std::function<void(std::byte)> transmit_;
    std::array<std::uint32_t, 0x4c / 4> control_{};
};

}  // namespace kos::sim
