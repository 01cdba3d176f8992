// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest's general registers in the kernel's order, by number.
#pragma once

#include "lib/sel4/types.hpp"

namespace kos::vmm {

/// x0–x30; 0 for the zero register, 31.
[[nodiscard]] sel4::Word general_register(const sel4::UserContext& context, unsigned number);
/// Nothing happens to the zero register.
void set_general_register(sel4::UserContext& context, unsigned number, sel4::Word value);

/// SPSR of a processor that starts: EL1 with its own stack, interrupts masked.
inline constexpr sel4::Word start_spsr = 0x3c5;

/// As Linux's boot protocol has it: x0 the device tree, x1–x3 zero, MMU off.
[[nodiscard]] sel4::UserContext start_context(sel4::Word entry, sel4::Word x0);

}  // namespace kos::vmm
