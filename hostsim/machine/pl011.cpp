// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/pl011.hpp"

#include <utility>

namespace kos::sim {

namespace {

/// UARTPeriphID0–3 and UARTPCellID0–3, a byte each.
constexpr std::array<std::uint8_t, 8> identification{0x11, 0x10, 0x14, 0x00,
                                                     0x0d, 0xf0, 0x05, 0xb1};

}  // namespace

Pl011::Pl011(std::function<void(std::byte)> transmit) : transmit_(std::move(transmit)) {}

std::optional<std::uint32_t> Pl011::read(std::uint64_t offset) const {
    const auto which = static_cast<Register>(offset);
    if (which == Register::Data || which == Register::ReceiveStatus) return 0;
    if (which == Register::Flags) return flag_receive_fifo_empty | flag_transmit_fifo_empty;
    if (which <= Register::LastControl) return control_[offset / 4];
    if (which < Register::PeripheralId0) return std::nullopt;
    const std::uint64_t number = (offset - static_cast<std::uint64_t>(Register::PeripheralId0)) / 4;
    if (number >= identification.size()) return std::nullopt;
    return identification[number];
}

bool Pl011::write(std::uint64_t offset, std::uint32_t value) {
    const auto which = static_cast<Register>(offset);
    if (which > Register::LastControl) return false;
    if (which == Register::Data) {
        transmit_(static_cast<std::byte>(value & 0xff));
    } else {
        control_[offset / 4] = value;
    }
    return true;
}

}  // namespace kos::sim
