// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/machine/early_console.hpp"

namespace kos::vmm {

namespace {

constexpr std::uint64_t data_register = 0x00, flag_register = 0x18;
constexpr std::uint64_t transmit_empty = 1 << 7, receive_empty = 1 << 4;

}  // namespace

std::uint64_t EarlyConsole::read(std::uint64_t offset) {
    return offset == flag_register ? transmit_empty | receive_empty : 0;
}

void EarlyConsole::write(std::uint64_t offset, std::uint64_t value) {
    if (offset != data_register) return;
    const auto byte = static_cast<std::byte>(value);
    output_.write({&byte, 1});
}

}  // namespace kos::vmm
