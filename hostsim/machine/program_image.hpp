// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Puts the initial thread's program where the boot shim puts it on a board: its memory image, from
// the first segment's first page to the last one's last, in physical memory behind the kernel.
#pragma once

#include "hostsim/kernel/boot.hpp"
#include "lib/base/error.hpp"
#include "loader/elf/file.hpp"

#include <string_view>

namespace kos::sim {

/// Fills in the boot options that concern the program: image, address, entry. `where` names the
/// file in errors.
[[nodiscard]] Outcome<void> place_program(PhysicalMemory& memory, const elf::File& program,
                                          std::string_view where, BootOptions& options);

}  // namespace kos::sim
