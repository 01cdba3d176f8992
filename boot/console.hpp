// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The serial line, for the banner and for the message of a halt.
#pragma once

#include "boards/board.hpp"
#include "boot/checks.hpp"

#include <cstdint>
#include <string_view>

namespace kos::boot {

/// Chooses the line; nothing is printed before.
void open_console(boards::UartKind kind, std::uint64_t address);

void print(std::string_view text);
/// As 0x… without leading zeros.
void print_hex(std::uint64_t value);

/// Says why the system cannot start, `kos: halt: CODE: particulars[: 0xVALUE]`, and stops this core
/// for good.
[[noreturn]] void halt(const Problem& problem);
/// Halts where there is a problem.
inline void require_none(const std::optional<Problem>& problem) {
    if (problem) halt(*problem);
}

}  // namespace kos::boot
