// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The guest's console, and the last word of a PID 1 that fails.
#pragma once

#include "lib/linux/unique_fd.hpp"

namespace kos::init {

/// Standard descriptors on /dev/console; a kernel that found none in the initramfs gave PID 1 no
/// descriptors at all. Gives a descriptor of it that is closed at execve(2), or -1.
[[nodiscard]] sys::Fd open_console();

/// A crash of kosinit is one line on the console, and the end of the guest.
void install_crash_handlers();

/// Writes what is in memory to disks and turns the machine off, or restarts it.
[[noreturn]] void end_machine(bool restart);

}  // namespace kos::init
