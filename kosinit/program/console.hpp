// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The guest's console, and the last word of a PID 1 that fails.
#pragma once

#include "lib/linux/unique_fd.hpp"

namespace kos::init {

struct Console {
    sys::Fd file = -1;        ///< closed at execve(2)
    const char* prefix = "";  ///< of every line
};

/// Standard descriptors on /dev/console, or on the kernel's log where the kernel has an early
/// console alone; a kernel that found none in the initramfs gave PID 1 no descriptors at all.
[[nodiscard]] Console open_console();

/// A crash of kosinit is one line on the console, and the end of the guest.
void install_crash_handlers();

/// Writes what is in memory to disks and turns the machine off, or restarts it.
[[noreturn]] void end_machine(bool restart);

}  // namespace kos::init
