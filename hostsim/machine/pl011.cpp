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

Pl011::Pl011(Wires wires) : wires_(std::move(wires)) {
    control(Register::Control) = control_at_reset;
}

void Pl011::receive(Bytes bytes) {
    received_.insert(received_.end(), bytes.begin(), bytes.end());
    update_line();
}

std::uint32_t Pl011::take() {
    if (received_.empty()) return 0;
    const auto byte = std::to_integer<std::uint32_t>(received_.front());
    received_.pop_front();
    update_line();
    return byte;
}

void Pl011::update_line() {
    const bool is_high = (raw_interrupts() & control(Register::InterruptMask)) != 0;
    if (std::exchange(is_line_high_, is_high) != is_high && wires_.interrupt) {
        wires_.interrupt(is_high);
    }
}

std::optional<std::uint32_t> Pl011::read(std::uint64_t offset) {
    switch (const auto which = static_cast<Register>(offset); which) {
        case Register::Data:
            return take();
        case Register::ReceiveStatus:
            return 0;
        case Register::Flags:
            return flag_transmit_fifo_empty | (received_.empty() ? flag_receive_fifo_empty : 0);
        case Register::RawInterrupts:
            return raw_interrupts();
        case Register::MaskedInterrupts:
            return raw_interrupts() & control(Register::InterruptMask);
        default:
            if (which <= Register::LastControl) return control_[offset / 4];
            break;
    }
    if (offset < static_cast<std::uint64_t>(Register::PeripheralId0)) return std::nullopt;
    const std::uint64_t number = (offset - static_cast<std::uint64_t>(Register::PeripheralId0)) / 4;
    if (number >= identification.size()) return std::nullopt;
    return identification[number];
}

bool Pl011::write(std::uint64_t offset, std::uint32_t value) {
    const auto which = static_cast<Register>(offset);
    if (which > Register::LastControl) return false;
    if (which == Register::Data) {
        wires_.transmit(static_cast<std::byte>(value & 0xff));
        has_sent_ = true;
    } else if (which == Register::InterruptClear) {
        if ((value & interrupt_transmit) != 0) has_sent_ = false;
    } else {
        control_[offset / 4] = value;
    }
    update_line();
    return true;
}

}  // namespace kos::sim
