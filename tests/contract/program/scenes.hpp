// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Traces made by hand, of what the random ones leave out: budgets that run out, time that is lent
// or given up, interrupts that arrive. Each plays on a stage of its own and says what it saw; times
// are not told, the order is.
#pragma once

#include "tests/contract/program/recorder.hpp"
#include "tests/contract/program/stage.hpp"

namespace kos::contract {

/// The console as a device that raises interrupts: its registers, where the program sees them.
struct InterruptingUart {
    sel4::Word registers;
    unsigned interrupt;
};

Attempt<> play_scenes(Stage& stage, Recorder& recorder, const InterruptingUart& uart);

}  // namespace kos::contract
