// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The boot information as far as it is the same for every kernel of a board and root CNode size.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/sel4/bootinfo.hpp"
#include "tests/contract/program/recorder.hpp"

namespace kos::contract {

void report_boot_info(const sel4::BootInfo& boot_info, Bytes extra, Recorder& recorder);

}  // namespace kos::contract
